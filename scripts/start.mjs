/** `npm start -- [ARGUMENTS…]`: sets up what is missing, then shows the main job in a virtual network (lab/main.ts). */
import { node24, projectDir, runBound } from './children.mjs';
import { setup } from './setup.mjs';

await setup();
const { code } = await runBound(node24, ['lab/main.ts', ...process.argv.slice(2)], { cwd: projectDir });
process.exit(code);
