// What was checked: one line for each check, and the failures once more at the end.

const passed = [];
const failed = [];

/** Announces the checks that follow. */
export function section(title) {
  console.log(`\n-- ${title}`);
}

/** Runs one check. A failure is told and counted; the checks after it run all the same. */
export async function check(name, work) {
  try {
    const result = await work();
    passed.push(name);
    console.log(`ok    ${name}`);
    return result;
  } catch (error) {
    failed.push({ name, error });
    console.log(`FAIL  ${name}\n${indent(error?.message ?? String(error))}`);
    return undefined;
  }
}

/** Says something that is neither right nor wrong. */
export function note(text) {
  console.log(`note  ${text}`);
}

/** Prints the sum and returns the exit code. */
export function conclude() {
  console.log(`\nconformance: ${passed.length} checks passed, ${failed.length} failed`);
  for (const { name } of failed) console.log(`  failed: ${name}`);
  return failed.length === 0 && passed.length > 0 ? 0 : 1;
}

function indent(text) {
  return text.replace(/^/gm, '      ');
}
