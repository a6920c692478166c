'use strict';
/**
 * The platforms an addon is published for, and which of them this is. Each has a package of its own, an optional dependency of the
 * main one, so that npm fetches one addon and no other.
 */

/** `os`, `cpu` and `libc` are npm's words, by which it chooses. */
const PLATFORMS = Object.freeze({
  'linux-x64-gnu': { os: 'linux', cpu: 'x64', libc: 'glibc' },
  'linux-x64-musl': { os: 'linux', cpu: 'x64', libc: 'musl' },
  'linux-arm64-gnu': { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'linux-arm64-musl': { os: 'linux', cpu: 'arm64', libc: 'musl' },
  'darwin-x64': { os: 'darwin', cpu: 'x64' },
  'darwin-arm64': { os: 'darwin', cpu: 'arm64' },
  'win32-x64-msvc': { os: 'win32', cpu: 'x64' },
  'win32-arm64-msvc': { os: 'win32', cpu: 'arm64' },
});

/** @param {string} platform */
const packageOf = (platform) => `@hogwire/${platform}`;

/** The libc this Node runs on; only Linux has a choice. Takes milliseconds to tell. */
function libc() {
  if (process.platform !== 'linux') return undefined;
  // Without it, the report looks every open connection's peer up in the DNS.
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
}

/**
 * The name of this platform, whether or not an addon is published for it.
 * @returns {string}
 */
function currentPlatform() {
  const { platform: os, arch: cpu } = process;
  const abi = { glibc: '-gnu', musl: '-musl' }[libc()] ?? (os === 'win32' ? '-msvc' : '');
  return `${os}-${cpu}${abi}`;
}

module.exports = { PLATFORMS, packageOf, currentPlatform };
