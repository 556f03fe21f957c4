// SPDX-License-Identifier: Apache-2.0

// The worker: it runs the parser, so that the page never waits for it. Behind wasm_exec.js of the
// Go toolchain, which comes before it in one source.
//
// In, each with an id:  {do: "start", wasm}, {do: "read", files, zone}, {do: "article" or "file", number}
// Out, with that id: {is: "ready"}, {is: "result", result}, {is: "article" or "file", html}, {is: "failed", why}
// Without: {is: "progress", done, total}, {is: "failed", why}
"use strict";

let ready;
const started = new Promise((resolve) => { ready = resolve; });
self.oomtrailReady = () => ready();

// bytesOf decodes base64.
function bytesOf(base64) {
	const text = atob(base64);
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) {
		bytes[i] = text.charCodeAt(i);
	}
	return bytes;
}

async function start(id, base64) {
	const go = new Go();
	const { instance } = await WebAssembly.instantiate(unlzma(bytesOf(base64)), go.importObject);
	go.run(instance).finally(() => postMessage({ is: "failed", why: "the parser stopped, which is a defect of oomtrail" }));
	await started;
	postMessage({ id, is: "ready" });
}

// readable makes of a Blob what Go reads. A piece is read at a time.
function readable(name, blob, written) {
	const reader = new FileReaderSync();
	const piece = 1 << 20;
	let from = 0, held = new Uint8Array(0);
	return {
		name, written, size: blob.size,
		read(offset, n) {
			if (offset < from || offset + n > from + held.length) {
				from = offset;
				held = new Uint8Array(reader.readAsArrayBuffer(blob.slice(offset, offset + Math.max(n, piece))));
			}
			return held.subarray(offset - from, offset - from + n);
		},
	};
}

function read(message) {
	let last = 0;
	const progress = (done, total) => {
		const now = Date.now();
		if (now - last > 100) {
			last = now;
			postMessage({ is: "progress", done, total });
		}
	};
	const files = message.files.map((f) => readable(f.name, f.blob, f.written));
	const zone = { name: message.zone, offset: (at) => new Date(at).getTimezoneOffset() };
	postMessage({ id: message.id, is: "result", result: oomtrail.read(files, zone, progress) });
}

onmessage = async ({ data }) => {
	try {
		switch (data.do) {
		case "start":
			await start(data.id, data.wasm);
			break;
		case "read":
			read(data);
			break;
		default:
			postMessage({ id: data.id, is: data.do, html: oomtrail[data.do](data.number) });
		}
	} catch (e) {
		postMessage({ id: data.id, is: "failed", why: String(e && e.message || e) });
	}
};
