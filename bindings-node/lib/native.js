'use strict';
/**
 * The native addon, and the lists of words it publishes. The only file that knows where the addon lies: beside the package, where
 * `scripts/build.js` puts it, or in the platform's own package, where npm does.
 */

const { existsSync } = require('node:fs');
const path = require('node:path');
const { version } = require('../package.json');

const BUILD = 'build it with Rust 1.89 or newer from a checkout of the project: npm install <checkout>/bindings-node';

/** Why Node loads no addon at all, and what to do. */
const DISABLED = 'hogwire is a native addon, and this process loads none: start Node with --allow-addons beside --permission, or without --no-addons';

/** How the names of a system's packages end: which of Linux's two it is takes milliseconds to tell. */
const ENDS = { linux: ['-gnu', '-musl'], win32: ['-msvc'] };

/** The packages that may hold a platform's addon, by the names `platform.js` gives them; that file is read only to explain a failure. */
function candidates({ platform, arch } = process) {
  return (ENDS[platform] ?? ['']).map((end) => `@hogwire/${platform}-${arch}${end}`);
}

/** What is missing, and the two ways to get it. */
function missing() {
  const { PLATFORMS, currentPlatform, packageOf } = require('./platform.js');
  const platform = currentPlatform();
  if (!(platform in PLATFORMS)) return `hogwire has no ready addon for ${platform} (there is one for ${Object.keys(PLATFORMS).join(', ')}); ${BUILD}`;
  return (
    `hogwire's native addon for ${platform} is not installed. It is the optional package ${packageOf(platform)}, which npm leaves out with ` +
    `--omit=optional, and when node_modules or the lock file come from another platform. A bundle has no addon: have the bundler leave hogwire ` +
    `outside (esbuild --external:hogwire, Next.js serverExternalPackages: ['hogwire']), with its packages installed beside the bundle. ` +
    `Either: npm install ${packageOf(platform)}@${version}. Or ${BUILD}`
  );
}

function load() {
  const built = path.join(__dirname, '..', 'hogwire.node');
  let absent;
  let broken;
  for (const name of existsSync(built) ? [built] : candidates()) {
    try {
      // In full: tools that collect a program's files, or bundle them, run nothing and only see a name that stands here.
      switch (name) {
        case '@hogwire/linux-x64-gnu': return require('@hogwire/linux-x64-gnu');
        case '@hogwire/linux-x64-musl': return require('@hogwire/linux-x64-musl');
        case '@hogwire/linux-arm64-gnu': return require('@hogwire/linux-arm64-gnu');
        case '@hogwire/linux-arm64-musl': return require('@hogwire/linux-arm64-musl');
        case '@hogwire/darwin-x64': return require('@hogwire/darwin-x64');
        case '@hogwire/darwin-arm64': return require('@hogwire/darwin-arm64');
        case '@hogwire/win32-x64-msvc': return require('@hogwire/win32-x64-msvc');
        case '@hogwire/win32-arm64-msvc': return require('@hogwire/win32-arm64-msvc');
        default: return require(name);
      }
    } catch (error) {
      if (error.code === 'MODULE_NOT_FOUND' && error.message.includes(name)) absent ??= error;
      else broken ??= error;
    }
  }
  // An addon that is there and cannot be loaded tells its own reason.
  if (broken?.code === 'ERR_DLOPEN_DISABLED') throw Object.assign(new Error(DISABLED, { cause: broken }), { code: broken.code });
  if (broken !== undefined) throw broken;
  throw Object.assign(new Error(missing(), { cause: absent }), { code: 'MODULE_NOT_FOUND' });
}

const native = load();

/**
 * @type {{
 *   version: string,
 *   options: string[],
 *   queueOptions: string[],
 *   operations: Record<string, Record<string, string>>,
 *   parameters: string[],
 *   idParameters: string[],
 *   dateParameters: string[],
 *   errorCodes: string[],
 *   deliveries: string[],
 *   findings: string[],
 *   warnings: string[],
 *   dropReasons: string[],
 * }}
 */
const catalogue = JSON.parse(native.catalogue());
if (catalogue.version !== version) {
  throw new Error(`hogwire ${version} found an addon of version ${catalogue.version}; install both again, or run scripts/build.js`);
}

module.exports = { native, catalogue, candidates };
