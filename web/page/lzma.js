// SPDX-License-Identifier: Apache-2.0

// unlzma unpacks what xz --format=lzma packs: the parser is a third smaller than by gzip, which is
// what browsers have of their own. The format is that of https://www.7-zip.org/sdk.html, lzma.txt
// and lzma-specification.txt.
"use strict";

function unlzma(packed) {
	const head = new DataView(packed.buffer, packed.byteOffset, 13);
	const lc = packed[0] % 9, lp = Math.floor(packed[0] / 9) % 5, pb = Math.floor(packed[0] / 45);
	const out = new Uint8Array(head.getUint32(5, true));
	if (head.getUint32(9, true) !== 0) {
		throw new Error("the parser in the page is damaged");
	}

	// The range decoder. Its numbers are of 32 bits without a sign: >>> 0 makes them so.
	let at = 18, range = 0xffffffff;
	let code = new DataView(packed.buffer, packed.byteOffset + 14, 4).getUint32(0);
	const bit = (probs, i) => {
		const prob = probs[i], bound = (range >>> 11) * prob;
		let b;
		if (code < bound) {
			range = bound;
			probs[i] = prob + ((2048 - prob) >> 5);
			b = 0;
		} else {
			range -= bound;
			code -= bound;
			probs[i] = prob - (prob >> 5);
			b = 1;
		}
		if (range < 0x1000000) {
			range = (range << 8) >>> 0;
			code = ((code << 8) | packed[at++]) >>> 0;
		}
		return b;
	};
	const direct = (bits) => {
		let value = 0;
		for (; bits > 0; bits--) {
			range >>>= 1;
			const b = code >= range ? 1 : 0;
			code -= b * range;
			value = value * 2 + b;
			if (range < 0x1000000) {
				range = (range << 8) >>> 0;
				code = ((code << 8) | packed[at++]) >>> 0;
			}
		}
		return value;
	};
	const probs = (n) => new Uint16Array(n).fill(1024);
	// A tree of bits, most significant first, and least.
	const tree = (p, from, bits) => {
		let m = 1;
		for (let i = 0; i < bits; i++) {
			m = m << 1 | bit(p, from + m);
		}
		return m - (1 << bits);
	};
	const reverse = (p, from, bits) => {
		let m = 1, value = 0;
		for (let i = 0; i < bits; i++) {
			const b = bit(p, from + m);
			m = m << 1 | b;
			value |= b << i;
		}
		return value;
	};
	const lengths = () => ({ choice: probs(2), low: probs(16 << 3), mid: probs(16 << 3), high: probs(256) });
	const length = (l, place) => {
		if (bit(l.choice, 0) === 0) {
			return tree(l.low, place << 3, 3) + 2;
		}
		return bit(l.choice, 1) === 0 ? tree(l.mid, place << 3, 3) + 10 : tree(l.high, 0, 8) + 18;
	};

	const literals = probs(0x300 << (lc + lp));
	const isMatch = probs(12 << 4), isRep = probs(12), isRep0 = probs(12), isRep1 = probs(12), isRep2 = probs(12), isRep0Long = probs(12 << 4);
	const slots = probs(4 << 6), special = probs(128), align = probs(16);
	const matchLength = lengths(), repLength = lengths();
	let state = 0, rep0 = 0, rep1 = 0, rep2 = 0, rep3 = 0;

	for (let n = 0; n < out.length;) {
		const place = n & ((1 << pb) - 1);
		if (bit(isMatch, (state << 4) + place) === 0) {
			const before = n > 0 ? out[n - 1] : 0;
			const from = 0x300 * (((n & ((1 << lp) - 1)) << lc) + (before >> (8 - lc)));
			let m = 1;
			if (state >= 7) {
				let match = out[n - rep0 - 1];
				while (m < 0x100) {
					const expected = match >> 7 & 1;
					match <<= 1;
					const b = bit(literals, from + ((1 + expected) << 8) + m);
					m = m << 1 | b;
					if (b !== expected) {
						break;
					}
				}
			}
			while (m < 0x100) {
				m = m << 1 | bit(literals, from + m);
			}
			out[n++] = m;
			state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
			continue;
		}
		let len;
		if (bit(isRep, state) === 0) {
			[rep3, rep2, rep1] = [rep2, rep1, rep0];
			len = length(matchLength, place);
			const slot = tree(slots, Math.min(len - 2, 3) << 6, 6);
			if (slot < 4) {
				rep0 = slot;
			} else {
				const bits = (slot >> 1) - 1;
				rep0 = (2 | slot & 1) * 2 ** bits;
				rep0 += slot < 14 ? reverse(special, rep0 - slot, bits) : direct(bits - 4) * 16 + reverse(align, 0, 4);
			}
			state = state < 7 ? 7 : 10;
		} else {
			if (bit(isRep0, state) === 0) {
				if (bit(isRep0Long, (state << 4) + place) === 0) {
					state = state < 7 ? 9 : 11;
					out[n] = out[n - rep0 - 1];
					n++;
					continue;
				}
			} else if (bit(isRep1, state) === 0) {
				[rep0, rep1] = [rep1, rep0];
			} else if (bit(isRep2, state) === 0) {
				[rep0, rep1, rep2] = [rep2, rep0, rep1];
			} else {
				[rep0, rep1, rep2, rep3] = [rep3, rep0, rep1, rep2];
			}
			len = length(repLength, place);
			state = state < 7 ? 8 : 11;
		}
		if (rep0 >= n || at > packed.length) {
			throw new Error("the parser in the page is damaged");
		}
		for (const end = Math.min(out.length, n + len); n < end; n++) {
			out[n] = out[n - rep0 - 1];
		}
	}
	return out;
}
