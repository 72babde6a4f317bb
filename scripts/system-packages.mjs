// Programs outside npm that tests use: real mail servers, a second opinion on PDFs, a browser, a database.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { say } from './run-script.mjs';

/** Debian's package, a file that shows it is there, and which tests go without it otherwise. */
export const SYSTEM_PACKAGES = [
  {
    name: 'dovecot-imapd',
    shows: ['/usr/lib/dovecot/imap', '/usr/libexec/dovecot/imap'],
    for: 'mail through a real IMAP server',
  },
  { name: 'opensmtpd', shows: ['smtpd'], for: 'mail over a real SMTP hop' },
  { name: 'qpdf', shows: ['qpdf'], for: 'the form checked by another library' },
  { name: 'poppler-utils', shows: ['pdftotext'], for: 'the form read as a person sees it' },
  { name: 'chromium', shows: ['chromium'], for: 'the Web UI seen in a browser' },
  { name: 'default-jre-headless', shows: ['java'], for: "Temporal's time-skipping test server" },
  { name: 'maven', shows: ['mvn'], for: "Temporal's time-skipping test server" },
  { name: 'postgresql', shows: ['/usr/lib/postgresql'], for: 'a Temporal cluster on PostgreSQL' },
];

/** What Debian would start from then on. @type {Record<string, string>} */
const SERVICES = { 'dovecot-imapd': 'dovecot', opensmtpd: 'opensmtpd', postgresql: 'postgresql' };

/** Installs what is missing as root on Debian, announced first; elsewhere says which tests will be skipped. */
export function provideSystemPackages() {
  const missing = SYSTEM_PACKAGES.filter(({ shows }) => !shows.some(isThere));
  if (missing.length === 0) return;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    say(
      `Set-up: installing Debian packages the tests use, their services not started: ${missing.map((p) => p.name).join(' ')} …`,
    );
    install(missing.map((p) => p.name));
  }
  for (const { name, shows, for: use } of missing) {
    if (!shows.some(isThere))
      say(`!!! SKIPPED: tests of ${use}, since ${name} is not installed. As root on Debian: apt-get install ${name}`);
  }
}

/** @param {string} file a path, or a program looked up where programs are */
function isThere(file) {
  if (path.isAbsolute(file)) return existsSync(file);
  return [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin'].some((folder) =>
    existsSync(path.join(folder, file)),
  );
}

/** @param {string[]} names */
function install(names) {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  // Debian starts a mail server's service when it is installed, unless this file says no. Ours start by themselves, on free ports.
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    apt('update', '-qq');
    // Never at the price of another package: a machine with a mail server of its own keeps it.
    const flags = ['install', '-y', '-qq', '--no-install-recommends', '--no-remove'];
    if (apt(...flags, ...names) !== 0 && names.length > 1) for (const name of names) apt(...flags, name);
  } finally {
    if (ours) rmSync(policy, { force: true });
    // Nor at the next start of the machine. Harmless where there is no systemd.
    const services = names.flatMap((name) => SERVICES[name] ?? []);
    if (services.length > 0) spawnSync('systemctl', ['disable', '--quiet', ...services], { stdio: 'ignore' });
  }
}

/** @param {string[]} args */
function apt(...args) {
  return spawnSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status;
}
