/**
 * Brings a fresh clone to life, on nothing but Node 20, npm and Debian: the npm packages of the lockfile (among
 * them Node 24) and the Debian packages of the network tools. Quiet and quick where nothing is missing.
 *
 * With `--browser` also the browser of `npm run test:browser`, which is large and needed for nothing else; with
 * `--hardware=wifi,usb` what `npm run test:hardware` needs for these media.
 *
 * Exits 1 when the packages cannot be installed, 3 when a tool is missing that only root may install.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { node24, projectDir, systemPath } from './children.mjs';

/** What is run, and the Debian package that has it. dnsmasq-base, not dnsmasq: the latter starts a service. */
const tools = {
  ip: 'iproute2',
  dnsmasq: 'dnsmasq-base',
  nft: 'nftables',
  udhcpc: 'udhcpc',
  conntrack: 'conntrack',
  ping: 'iputils-ping',
  ethtool: 'ethtool',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  sysctl: 'procps',
  pgrep: 'procps',
};

const browserTools = { chromium: 'chromium' };

/** For `npm run test:hardware`: what the virtual machine itself needs, and what is run in it for a medium. */
const machineTools = {
  'qemu-system-x86_64': 'qemu-system-x86',
  '/usr/share/seabios/bios-256k.bin': 'seabios',
  depmod: 'kmod',
  cpio: 'cpio',
  xz: 'xz-utils',
};
const bluetoothTools = {
  '/usr/libexec/bluetooth/bluetoothd': 'bluez',
  btvirt: 'bluez-test-tools',
  'dbus-daemon': 'dbus',
  '/usr/lib/python3/dist-packages/dbus/__init__.py': 'python3-dbus',
  '/usr/lib/python3/dist-packages/gi/__init__.py': 'python3-gi',
};
const mediumTools = {
  wifi: {
    hostapd: 'hostapd',
    wpa_supplicant: 'wpasupplicant',
    iw: 'iw',
    '/lib/firmware/regulatory.db': 'wireless-regdb',
  },
  ethernet: {},
  usb: {},
  lte: { pppd: 'ppp', socat: 'socat', '/usr/bin/python3': 'python3' },
  bluetooth: bluetoothTools,
  // Each of its suites names the media whose tools it uses.
  together: {},
};

/** @param {{ browser?: boolean, hardware?: readonly string[] }} wanted `hardware`: media of `npm run test:hardware` */
export async function setup({ browser = false, hardware = [] } = {}) {
  await installNpmPackages();
  await installDebianPackages({
    ...tools,
    ...(browser && browserTools),
    ...(hardware.length > 0 && machineTools),
    ...Object.assign({}, ...hardware.map((medium) => mediumTools[medium])),
  });
}

async function installNpmPackages() {
  if (npmPackagesAreInstalled()) return;
  await step('npm packages', 'npm', ['ci', '--no-progress'], { PATH: systemPath() });
}

/** npm leaves behind what it has installed; a package for another processor is in the lockfile only. */
function npmPackagesAreInstalled() {
  const installed = lockedPackages('node_modules/.package-lock.json');
  if (!installed || !existsSync(node24)) return false;
  return Object.entries(lockedPackages('package-lock.json')).every(([path, locked]) => {
    const isOwn = !path.includes('node_modules/') || locked.link;
    return isOwn || (path in installed ? isDeepStrictEqual(installed[path], locked) : locked.optional === true);
  });
}

function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(resolve(projectDir, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

async function installDebianPackages(wanted) {
  const missing = missingPackages(wanted);
  if (missing.length === 0) return;
  if (process.getuid() !== 0 || !isOnPath('apt-get')) {
    console.error(`setup: missing: ${missing.join(', ')}. This installs them on Debian:
  sudo apt-get update && sudo apt-get install --yes --no-install-recommends ${missing.join(' ')}`);
    process.exit(3);
  }

  const apt = (...args) => ['apt-get', ['--quiet', '--yes', '--option', 'DPkg::Lock::Timeout=120', ...args]];
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const allowServices = forbidServices();
  try {
    await step('Debian package lists', ...apt('update'), environment);
    await step(
      `Debian packages ${missing.join(', ')}`,
      ...apt('install', '--no-install-recommends', ...missing),
      environment,
    );
  } finally {
    allowServices();
  }
}

function missingPackages(wanted) {
  const packages = Object.entries(wanted).flatMap(([tool, name]) => (isOnPath(tool) ? [] : [name]));
  return [...new Set(packages)];
}

/** A tool on the PATH, or, with a path of its own, a file that can be read. */
function isOnPath(tool) {
  return systemPath()
    .split(delimiter)
    .some((folder) => {
      try {
        accessSync(resolve(folder, tool), tool.startsWith('/') ? constants.R_OK : constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Keeps package installation from starting services, by Debian's own switch. A policy that is there already is
 * the machine's own and stays; one with our very text was left by a killed run and goes with this one.
 *
 * @returns {() => void} what lifts it again
 */
function forbidServices() {
  const file = '/usr/sbin/policy-rc.d';
  const policy = '#!/bin/sh\n# No service starts while backhauld installs its tools.\nexit 101\n';
  try {
    writeFileSync(file, policy, { flag: 'wx', mode: 0o755 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (readFileSync(file, 'utf8') !== policy) return () => {};
  }
  const lift = () => rmSync(file, { force: true });
  process.on('exit', lift);
  return lift;
}

/** Runs one slow command under one line of progress; its output is shown only when it fails. */
async function step(name, command, args, environment) {
  const began = performance.now();
  process.stderr.write(`setup: ${name} … `);
  const child = spawn(command, args, {
    cwd: projectDir,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forward);

  const code = await new Promise((done) => {
    child.once('error', (error) => {
      output += error.message;
      done(127);
    });
    child.once('close', done);
  });

  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, forward);
  if (code === 0) {
    process.stderr.write(`${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    return;
  }
  console.error(`failed\n${output.trimEnd()}\nsetup: ${command} ${args.join(' ')} failed (${code ?? 'killed'})`);
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const hardware = process.argv.flatMap((word) => /^--hardware=(.+)$/u.exec(word)?.[1].split(',') ?? []);
  await setup({ browser: process.argv.includes('--browser'), hardware });
}
