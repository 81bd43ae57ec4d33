// A person who uses no mouse: Tab, Enter, and a focus that can be seen at every stop.
import { expect } from "@playwright/test";
import type { Device } from "./device.ts";

const MOST_STOPS = 80;

type Stop = { name: string; visible: boolean; inView: boolean; marked: boolean };

/** What has the focus, in the words a screen reader would use, and whether one can see that it has it. */
async function stop(device: Device): Promise<Stop> {
  return device.page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    if (!element || element === document.body) return { name: "", visible: true, inView: true, marked: true };
    const labels = (element as HTMLInputElement).labels;
    const text = (node: Element | null | undefined) => (node?.textContent ?? "").replace(/\s+/g, " ").trim();
    const name =
      element.getAttribute("aria-label") ??
      (labels?.length ? text(labels[0]) : text(element)) ??
      "";
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const shown = box.width > 0 && box.height > 0 && style.visibility === "visible";
    // A switch shows its focus on what stands for it.
    const shows = element.getAttribute("role") === "switch" ? element.parentElement ?? element : element;
    const look = () => {
      const { outline, boxShadow, borderColor } = getComputedStyle(shows);
      return [outline, boxShadow, borderColor].join(" ");
    };
    const focused = look();
    element.blur();
    const marked = look() !== focused;
    element.focus();
    const inView = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return { name, visible: shown, inView, marked };
  });
}

/** Presses Tab until the control of this name has the focus; every stop on the way must be seen to have it. */
export async function tabTo(device: Device, name: string | RegExp): Promise<void> {
  const passed: string[] = [];
  const is = (said: string) => (typeof name === "string" ? said === name : name.test(said));
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    const at = await stop(device);
    expect(at, `“${at.name}” on ${device.page.url()}`).toMatchObject({ visible: true, inView: true, marked: true });
    if (is(at.name)) return;
    passed.push(at.name);
    await device.page.keyboard.press("Tab");
  }
  throw new Error(`Tab never came to ${name} on ${device.page.url()}. It passed:\n  ${passed.join("\n  ")}`);
}

/** Goes to a field and types. */
export async function typeInto(device: Device, name: string | RegExp, text: string): Promise<void> {
  await tabTo(device, name);
  await device.page.keyboard.type(text);
}

/** Goes to a button that sends a form, and presses it. */
export async function pressEnterOn(device: Device, name: string | RegExp): Promise<void> {
  await tabTo(device, name);
  const answer = device.page.waitForResponse((response) => response.request().method() === "POST");
  await device.page.keyboard.press("Enter");
  await answer;
}

/** Goes to a link and follows it. */
export async function follow(device: Device, name: string | RegExp): Promise<void> {
  await tabTo(device, name);
  await device.page.keyboard.press("Enter");
}
