// Evaluates JSONata by the reference implementation: a line of JSON in, a line of JSON out.
//
// In: {"expression", "states", "variables", "now"}, the last in milliseconds, if the time is not to be that of the clock; out: {"value"}, {"undefined": true} or {"error": code}.
// The functions below are AWS's own, which the reference lacks. What they give is ours, and counts as no oracle's answer.
'use strict';

const crypto = require('crypto');
const readline = require('readline');
const jsonata = require(process.argv[2]);

const ALGORITHMS = { 'MD5': 'md5', 'SHA-1': 'sha1', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };

function partition(array, size) {
  const parts = [];
  for (let at = 0; at < array.length; at += Math.floor(size)) parts.push(array.slice(at, at + Math.floor(size)));
  return parts;
}

function range(first, last, step) {
  const [from, to, by] = [first, last, step].map(Math.floor);
  const numbers = [];
  for (let each = from; by > 0 ? each <= to : each >= to; each += by) numbers.push(each);
  return numbers;
}

function register(expression, now) {
  if (now !== undefined) expression.registerFunction('millis', () => now, '<:n>');
  expression.registerFunction('partition', partition, '<a<x>n:a>');
  expression.registerFunction('range', range, '<nnn:a<n>>');
  expression.registerFunction('hash', (text, name) => crypto.createHash(ALGORITHMS[name]).update(text).digest('hex'), '<ss:s>');
  expression.registerFunction('random', () => 0.5, '<n?:n>');
  expression.registerFunction('uuid', () => crypto.randomUUID(), '<:s>');
  expression.registerFunction('parse', text => JSON.parse(text), '<s:x>');
  expression.assign('eval', undefined);
}

// JSON has nothing like a function in a list, nor like an infinite number; what it makes of them, null, is no answer.
function unlikeJson(value, top) {
  if (typeof value === 'function') return !top;
  if (typeof value === 'number') return !Number.isFinite(value);
  if (value && (value._jsonata_function || value._jsonata_lambda)) return !top;
  return Boolean(value) && typeof value === 'object' && Object.values(value).some(each => unlikeJson(each, false));
}

async function answer({ expression, states, variables, now }) {
  try {
    const parsed = jsonata(expression);
    register(parsed, now);
    const value = await parsed.evaluate(undefined, { ...variables, states });
    if (unlikeJson(value, true)) return { error: 'not JSON' };
    const text = typeof value === 'function' ? undefined : JSON.stringify(value);
    return text === undefined || (value && (value._jsonata_function || value._jsonata_lambda)) ? { undefined: true } : { value: JSON.parse(text) };
  } catch (error) {
    return { error: String(error.code || error.name), message: String(error.message) };
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + '\n');
  }
})();
