import { assertEquals } from "@std/assert";
import { Wheel } from "../clock/wheel.ts";
import { type Contact, Location } from "./location.ts";

const AOR = "sip:alice@ims.example";

function contact(port: number): Contact {
  return {
    uri: `sip:alice@127.0.0.1:${port}`,
    parameters: "",
    transport: "udp",
    address: { host: "127.0.0.1", port },
    flow: undefined,
    callId: "call",
    sequenceNumber: 1,
  };
}

Deno.test("Location finds bindings by any spelling of the address-of-record, newest first (RFC 3261 §10.3)", () => {
  const location = new Location(new Wheel());
  location.bind(AOR, contact(5070), 1000);
  location.bind(AOR, contact(5071), 1000);
  const ports = location.lookUp("sip:al%69ce@IMS.example;transport=tcp")?.map((binding) =>
    binding.contact.address.port
  );
  assertEquals([ports, location.size], [[5071, 5070], 2]);
  assertEquals(location.lookUp("sip:bob@ims.example"), undefined);
});

Deno.test("Location ends bindings at their time and remembers that the user exists", () => {
  const wheel = new Wheel();
  const location = new Location(wheel);
  location.bind(AOR, contact(5070), 1000);
  wheel.advance(400);
  assertEquals(location.secondsLeft(location.lookUp(AOR)![0]!), 1);
  location.bind(AOR, contact(5070), 1000);
  wheel.advance(1399);
  assertEquals([location.size, location.bindingOf(contact(5070).uri)?.expiresAt], [1, 1400]);
  wheel.advance(1400);
  assertEquals([location.size, location.lookUp(AOR), location.bindingOf(contact(5070).uri)], [0, [], undefined]);
  assertEquals(location.unbind(AOR, contact(5070).uri), false);
});

Deno.test("Location keeps nothing of a binding that another took the place of, or that was ended", () => {
  const wheel = new Wheel();
  const location = new Location(wheel);
  for (let k = 0; k < 3; k++) location.bind(AOR, contact(5070), 1000);
  assertEquals([location.size, wheel.armed], [1, 1]);
  location.unbind(AOR, contact(5070).uri);
  assertEquals([location.size, wheel.armed], [0, 0]);
});
