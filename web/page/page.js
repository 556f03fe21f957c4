// SPDX-License-Identifier: Apache-2.0

// The page: it takes a log, hands it to the worker, and shows what comes back.
"use strict";

(() => {
	const $ = (id) => document.getElementById(id);
	// A text of more characters is not shown in the box, which would freeze.
	const mostShown = 1 << 18;
	// A link is at most so long: chats and mail cut off longer ones. The log in it unpacks to at most
	// mostLinked bytes.
	const mostLink = 16000, mostLinked = 1 << 20;

	let worker = null; // runs the parser; a new one after each reading that was cancelled
	let starting = null; // a promise that it is ready
	const waiting = new Map(); // who waits for which answer of the worker, by number
	let asked = 0; // how many questions there were
	let tasks = 0; // how often something began that may take long
	let files = []; // what was read last: {name, blob, written}
	let text = null; // the text that was pasted, null for files
	let result = null;
	let linked = ""; // the log of the address that was read
	let shown = 0; // the number of the kill whose page is shown, 0 for the list

	// lack says in words what the browser lacks, "" for nothing.
	function lack() {
		const needed = [["WebAssembly", "WebAssembly"], ["Worker", "workers"], ["DecompressionStream", "DecompressionStream"], ["Blob", "files"]];
		const missing = needed.filter(([name]) => typeof globalThis[name] === "undefined").map(([, what]) => what);
		return missing.length === 0 ? "" : "This browser lacks " + missing.join(" and ") + ", which this page reads logs with. Use a newer browser, or the command: oomtrail explain kern.log";
	}

	function status(words) { $("status").textContent = words; }

	function trouble(...sentences) {
		$("error").replaceChildren(...sentences.map((s) => {
			const p = document.createElement("p");
			p.className = "trouble";
			p.textContent = s;
			return p;
		}));
	}

	// begin starts a worker, if none runs.
	function begin() {
		if (starting) {
			return starting;
		}
		const source = URL.createObjectURL(new Blob([$("worker-source").textContent], { type: "text/javascript" }));
		worker = new Worker(source);
		worker.onmessage = ({ data }) => {
			if (data.is === "progress") {
				progress(data.done, data.total);
				return;
			}
			const asker = waiting.get(data.id);
			waiting.delete(data.id);
			if (data.is === "failed") {
				(asker ? asker.reject : fail)(new Error(data.why));
			} else if (asker) {
				asker.resolve(data);
			}
		};
		worker.onerror = (e) => fail(new Error(e.message || "the browser does not run the parser"));
		starting = ask({ do: "start", wasm: $("wasm-base64").textContent }).finally(() => URL.revokeObjectURL(source));
		return starting;
	}

	// ask sends a message to the worker and returns its answer.
	function ask(message) {
		return new Promise((resolve, reject) => {
			const id = ++asked;
			waiting.set(id, { resolve, reject });
			worker.postMessage({ id, ...message });
		});
	}

	// fail fails all who wait.
	function fail(error) {
		const all = [...waiting.values()];
		waiting.clear();
		all.forEach(({ reject }) => reject(error));
	}

	// stop ends the worker, whatever it does.
	function stop() {
		if (worker) {
			worker.terminate();
		}
		worker = starting = null;
		fail(new DOMException("", "AbortError"));
	}

	function progress(done, total) {
		if (total > 0) {
			$("progress").value = Math.floor(100 * done / total);
		}
	}

	function size(bytes) {
		const units = ["bytes", "kB", "MB", "GB"];
		let u = 0;
		for (; bytes >= 1000 && u < 3; u++) {
			bytes /= 1000;
		}
		return (u === 0 ? bytes : bytes.toFixed(1)) + " " + units[u];
	}

	// work shows that something is being done, which may take long, until it is done. It returns null
	// where that failed, or nobody wants it any more.
	async function work(what, fn) {
		const task = ++tasks;
		const done = () => {
			if (task === tasks) {
				$("reading").hidden = true;
			}
		};
		trouble();
		$("progress").removeAttribute("value");
		$("progress-label").textContent = what;
		status(what);
		$("reading").hidden = false;
		try {
			await begin();
			const answer = await fn();
			done();
			return task === tasks ? answer : null;
		} catch (e) {
			done();
			if (e.name !== "AbortError") {
				stop();
				clearResult();
				status("");
				trouble("The log could not be read: " + e.message + ".");
			}
			return null;
		}
	}

	// read reads files, and shows what they hold.
	async function read(chosen) {
		if (!$("reading").hidden) { // something older, which nobody wants any more
			stop();
		}
		files = chosen;
		clearResult();
		const all = files.reduce((sum, f) => sum + f.blob.size, 0);
		const what = "Reading " + (files.length === 1 ? files[0].name : files.length + " files") + ", " + size(all);
		const answer = await work(what, () => ask({ do: "read", files, zone: $("zone").value }));
		if (answer) {
			result = answer.result;
			await show();
		}
	}

	function clearResult() {
		result = null;
		shown = 0;
		$("result").hidden = true;
		$("list").replaceChildren();
		$("page").replaceChildren();
		$("link-box").hidden = true;
	}

	// show shows the result: the list, or the page that the address names.
	async function show() {
		const { kills, numbers, list, inputs, errors, nothing } = result;
		if (kills === 0) {
			trouble(...errors);
			status(errors.length > 0 ? "" : "No out-of-memory kill was found.");
			if (nothing) {
				const pre = document.createElement("pre");
				pre.id = "nothing";
				pre.textContent = nothing;
				$("list").replaceChildren(pre);
				$("tools").hidden = true;
				$("result").hidden = false;
			}
			return;
		}
		const found = (kills === 1 ? "1 kill" : kills.toLocaleString("en") + " kills") + " found";
		status(inputs.length === 1 ? found + ". Read " + inputs[0] + "." : found + " in " + files.length + " files.");
		$("list").innerHTML = list; // written by package html, which escapes all that a log holds
		if (kills > numbers.length) {
			const p = document.createElement("p");
			p.className = "dim";
			p.textContent = "The list has the first " + numbers.length.toLocaleString("en") + ". The command lists all.";
			$("list").prepend(p);
		}
		if (inputs.length > 1) {
			const read = document.createElement("details");
			read.append(document.createElement("summary"), document.createElement("ul"));
			read.firstChild.textContent = "What was read";
			for (const input of inputs) {
				const li = document.createElement("li");
				li.textContent = input;
				read.lastChild.append(li);
			}
			$("list").append(read);
		}
		$("result").hidden = false;
		await turn(true);
	}

	// The state is in the fragment: kill is the number of the page, log a whole log.
	function state() { return new URLSearchParams(location.hash.slice(1)); }

	function address(change) {
		const s = state();
		for (const [name, value] of Object.entries(change)) {
			if (value === null) {
				s.delete(name);
			} else {
				s.set(name, value);
			}
		}
		return "#" + s.toString();
	}

	// turn turns to the page that the address names, or to the list.
	async function turn(first) {
		if (!result || result.kills === 0) {
			return;
		}
		const only = result.numbers.length === 1;
		let number = parseInt(state().get("kill") || "0", 10);
		if (!result.numbers.includes(number)) {
			number = only ? result.numbers[0] : 0;
		}
		const said = $("status").textContent;
		let html = "";
		if (number > 0) {
			const answer = await work("Reading the report of kill " + number, () => ask({ do: "article", number }));
			if (!answer) {
				return;
			}
			html = answer.html;
			status(first ? said : "");
		}
		trouble(...result.errors);
		$("page").innerHTML = html; // written by package html, which escapes all that a log holds
		shown = number;
		for (const a of $("list").querySelectorAll("tbody a")) { // whose address has the log, too, where this one has
			a.href = address({ kill: a.textContent });
			a.setAttribute("aria-label", "Explain kill " + a.textContent);
		}
		$("list").hidden = number > 0;
		$("tools").hidden = false;
		$("back").hidden = only || number === 0;
		$("back").href = address({ kill: null });
		$("save").hidden = number === 0;
		$("share").hidden = text === null;
		const heading = $("page").querySelector("h1");
		document.title = heading ? heading.textContent : "oomtrail: who held the memory?";
		$("result").focus({ preventScroll: true });
		$("result").scrollIntoView({ block: "start" });
		if (!first) {
			status(heading ? heading.textContent : "The list of all kills.");
		}
	}

	// forget takes kill and log out of the address.
	function forget() { history.replaceState(null, "", location.pathname + location.search); }

	function pasted(content, name) {
		text = content;
		return read([{ name, blob: new Blob([content]), written: 0 }]);
	}

	function fromFiles(chosen) {
		if (chosen.length === 0) {
			return;
		}
		text = null;
		forget();
		read([...chosen].map((f) => ({ name: f.name, blob: f, written: f.lastModified || 0 })));
	}

	function fromBox() {
		const content = $("log").value;
		if (content.trim() === "") {
			clearResult();
			status("");
			trouble("There is nothing to read yet: paste a log, or choose a file.");
			$("log").focus();
			return;
		}
		forget();
		pasted(content, "pasted text");
	}

	// Links with a log in them.

	async function pack(content) {
		const stream = new Blob([content]).stream().pipeThrough(new CompressionStream("deflate-raw"));
		const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
		if (bytes.length > mostLink) {
			return null;
		}
		return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
	}

	async function unpack(base64) {
		const packed = Uint8Array.from(atob(base64.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
		const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
		const chunks = [];
		for (let n = 0; ;) {
			const { done, value } = await reader.read();
			if (done) {
				return new Blob(chunks).text();
			}
			n += value.length;
			if (n > mostLinked) {
				throw new Error("too long");
			}
			chunks.push(value);
		}
	}

	async function share() {
		const packed = await pack(text);
		const link = packed === null ? "" : location.href.replace(/#.*/, "") + address({ log: packed, kill: shown > 0 ? shown : null });
		if (packed === null || link.length > mostLink) {
			trouble("This log is too long for a link. Save the page as a file, and send that.");
			return;
		}
		$("link").value = link;
		$("link-box").hidden = false;
		$("link").focus();
		$("link").select();
	}

	async function save() {
		const number = shown;
		const answer = await work("Writing the page of kill " + number, () => ask({ do: "file", number }));
		if (!answer) {
			return;
		}
		status("The page is saved as a file.");
		const a = document.createElement("a");
		a.href = URL.createObjectURL(new Blob([answer.html], { type: "text/html" }));
		a.download = "oom-kill-" + number + ".html";
		a.click();
		setTimeout(() => URL.revokeObjectURL(a.href), 10000);
	}

	// open reads the log that the address holds.
	async function open() {
		const log = state().get("log");
		if (!log) {
			return;
		}
		linked = log;
		let content;
		try {
			content = await unpack(log);
		} catch {
			trouble("The log in this link is damaged or too long. Ask for the link once more, or for the log as a file.");
			return;
		}
		$("log").value = content;
		await pasted(content, "the log in the link");
	}

	function main() {
		$("starting").hidden = true;
		// Where a browser saved the page as it stood, what stood on it is of no log any more.
		clearResult();
		trouble();
		status("");
		$("zone").replaceChildren();
		const missing = lack();
		if (missing) {
			trouble(missing);
			return;
		}
		const local = Intl.DateTimeFormat().resolvedOptions().timeZone || "the browser's zone";
		for (const zone of new Set([local, "UTC"])) {
			$("zone").add(new Option(zone === local && local !== "UTC" ? local + " (this browser)" : zone, zone));
		}
		$("form").hidden = false;
		$("form").addEventListener("submit", (e) => {
			e.preventDefault();
			fromBox();
		});
		$("log").addEventListener("keydown", (e) => {
			if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
				e.preventDefault();
				fromBox();
			}
		});
		document.addEventListener("paste", (e) => {
			if (e.target instanceof HTMLInputElement) {
				return;
			}
			if (e.clipboardData.files.length > 0) {
				e.preventDefault();
				fromFiles(e.clipboardData.files);
				return;
			}
			const content = e.clipboardData.getData("text");
			if (content.length > mostShown) {
				e.preventDefault();
				$("log").value = "";
				forget();
				pasted(content, "pasted text");
			} else if (e.target === $("log")) {
				setTimeout(fromBox); // when it stands in the box
			} else if (content.trim() !== "") {
				$("log").value = content;
				fromBox();
			}
		});
		// Without a value, the same file can be chosen once more.
		$("file").addEventListener("click", () => { $("file").value = ""; });
		$("file").addEventListener("change", () => fromFiles($("file").files));
		const drag = (on) => (e) => {
			e.preventDefault();
			document.body.classList.toggle("dragging", on);
		};
		document.addEventListener("dragover", drag(true));
		document.addEventListener("dragleave", drag(false));
		document.addEventListener("drop", (e) => {
			drag(false)(e);
			if (e.dataTransfer.files.length > 0) {
				fromFiles(e.dataTransfer.files);
			} else if (e.dataTransfer.getData("text")) {
				forget();
				pasted(e.dataTransfer.getData("text"), "dropped text");
			}
		});
		$("example").addEventListener("click", () => {
			$("log").value = $("example-log").textContent;
			fromBox();
		});
		$("clear").addEventListener("click", () => {
			stop();
			$("reading").hidden = true;
			$("form").reset();
			files = [];
			text = null;
			clearResult();
			trouble();
			status("");
			forget();
			$("log").focus();
		});
		const cancel = () => {
			stop();
			$("reading").hidden = true;
			clearResult();
			status("Cancelled.");
			$("log").focus();
		};
		$("cancel").addEventListener("click", cancel);
		document.addEventListener("keydown", (e) => {
			if (e.key === "Escape" && !$("reading").hidden) {
				cancel();
			}
		});
		$("zone").addEventListener("change", () => {
			if (result) {
				read(files);
			}
		});
		$("share").addEventListener("click", share);
		$("save").addEventListener("click", save);
		$("copy").addEventListener("click", async () => {
			$("link").select();
			try {
				await navigator.clipboard.writeText($("link").value);
				status("The link is copied.");
			} catch {
				status("Press Ctrl+C to copy the link.");
			}
		});
		window.addEventListener("hashchange", () => {
			const log = state().get("log");
			if (log && log !== linked) {
				open();
			} else {
				turn(false);
			}
		});
		begin().catch(() => {}); // so that it is ready by the time a log is there
		open();
	}

	document.addEventListener("DOMContentLoaded", main);
})();
