// SPDX-License-Identifier: Apache-2.0

// What the tests look at in a page. It runs in the page, by the DevTools protocol.
window.look = (() => {
	const shown = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && e.getClientRects().length > 0;
	const name = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + " " + JSON.stringify((e.textContent || "").trim().slice(0, 40));

	// structure finds what a screen reader or a keyboard cannot go by.
	function structure() {
		const found = [];
		if (!/^en/.test(document.documentElement.lang)) found.push("no language");
		if (!document.title.trim()) found.push("no title");
		if (document.querySelectorAll("main").length !== 1) found.push("not one main");
		let level = 0;
		const heads = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].filter(shown);
		if (heads.filter(h => h.tagName === "H1").length < 1) found.push("no h1");
		for (const h of heads) {
			const now = +h.tagName[1];
			if (now > level + 1) found.push(name(h) + " comes after a heading of level " + level);
			level = now;
		}
		const ids = new Set();
		for (const e of document.querySelectorAll("[id]")) {
			if (ids.has(e.id)) found.push("two elements have the id " + e.id);
			ids.add(e.id);
		}
		for (const e of document.querySelectorAll("[aria-labelledby],[aria-describedby],[aria-controls],label[for]"))
			for (const attr of ["aria-labelledby", "aria-describedby", "aria-controls", "for"])
				for (const id of (e.getAttribute(attr) || "").split(/\s+/).filter(Boolean))
					if (!ids.has(id)) found.push(name(e) + " refers to " + id);
		for (const e of document.querySelectorAll("[tabindex]"))
			if (e.tabIndex > 0) found.push(name(e) + " changes the order of the focus");
		for (const svg of document.querySelectorAll("svg[role=img]"))
			if (!svg.querySelector(":scope > title") || !svg.querySelector(":scope > desc")) found.push("a picture without words");
		for (const svg of document.querySelectorAll("svg:not(svg svg):not([role]):not([aria-hidden=true])")) found.push("a picture that is neither named nor hidden: " + svg.outerHTML.slice(0, 120));
		for (const th of document.querySelectorAll("th:not([scope])")) found.push("a head without scope: " + name(th));
		for (const table of document.querySelectorAll("table")) if (!table.querySelector("th")) found.push("a table without heads");
		return found;
	}

	// rgb reads a color as the browser computed it.
	function rgb(color) {
		const m = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(color);
		return m && {c: [+m[1], +m[2], +m[3]], a: m[4] === undefined ? 1 : +m[4]};
	}
	const over = (top, below) => top.c.map((v, i) => v * top.a + below[i] * (1 - top.a));
	const light = c => {
		const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);

	// below is the color behind an element.
	function below(e) {
		if (e instanceof SVGElement && e.ownerSVGElement) {
			// The last filled rectangle before it that it stands on.
			const box = e.getBoundingClientRect();
			for (let s = e.previousElementSibling; s; s = s.previousElementSibling) {
				const r = s.getBoundingClientRect(), fill = rgb(getComputedStyle(s).fill);
				if (s.tagName === "rect" && fill && fill.a > 0 && r.left <= box.left + 1 && r.top <= box.top + 1 && r.bottom >= box.bottom - 4) return fill.c;
			}
			return below(e.parentElement);
		}
		const layers = [];
		for (; e; e = e.parentElement) {
			const color = rgb(getComputedStyle(e).backgroundColor);
			if (color && color.a > 0) layers.push(color);
			if (color && color.a === 1) break;
		}
		return layers.reverse().reduce((c, layer) => over(layer, c), [255, 255, 255]);
	}

	// contrast finds text that is hard to read on what is behind it: WCAG 2, level AA.
	function contrast() {
		const found = new Map();
		let seen = 0;
		for (const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walk.nextNode();) {
			const e = walk.currentNode.parentElement;
			if (!walk.currentNode.data.trim() || ["SCRIPT", "STYLE", "title", "desc"].includes(e.tagName) || !shown(e) || e.closest(":disabled")) continue;
			seen++;
			const style = getComputedStyle(e), size = parseFloat(style.fontSize);
			const color = rgb(e instanceof SVGElement ? style.fill : style.color), behind = below(e);
			if (!color) { found.set(e.className, "the color " + style.color + " of " + name(e)); continue; }
			const got = ratio(over(color, behind), behind), least = size >= 24 || size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5;
			if (got < least - 0.005) found.set(style.color + behind, got.toFixed(2) + " is too little contrast: " + name(e) + " " + color.c + " on " + behind);
			if (size < 11) found.set(size, "letters of " + size + " px: " + name(e));
		}
		if (seen < 3 && matchMedia("screen").matches) found.set("", seen + " texts can be seen");
		return [...found.values()];
	}

	// wide finds what makes the page wider than the window.
	function wide() {
		const room = document.documentElement.clientWidth, all = document.scrollingElement.scrollWidth;
		if (all <= room) return [];
		const far = [...document.querySelectorAll("body *")].filter(e => shown(e) && e.getBoundingClientRect().right > room + 1 && !e.closest(".scroll, svg svg"));
		return ["the page is " + all + " px wide in a window of " + room + ": " + far.slice(-3).map(name).join(", ")];
	}

	// start puts the focus before all.
	function start() {
		document.activeElement?.blur?.();
		getSelection().removeAllRanges();
		window.scrollTo(0, 0);
		window.visited = new Set();
		window.last = null;
		return null;
	}

	// focused says what has the focus, and what is wrong with it.
	function focused() {
		const e = document.activeElement;
		if (!e || e === document.body || e === document.documentElement || window.visited.has(e)) return {Name: "", Trouble: ""};
		window.visited.add(e);
		const style = getComputedStyle(e), box = e.getBoundingClientRect();
		let trouble = "";
		if (!(style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) && style.boxShadow === "none") trouble = "it cannot be seen";
		else if (box.bottom <= 0 || box.top >= innerHeight) trouble = "it is out of sight";
		else if (window.last && !(window.last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) trouble = "it goes back";
		window.last = e;
		return {Name: e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + " " + (e.getAttribute("aria-label") || e.textContent.trim()).slice(0, 40), Trouble: trouble};
	}

	// figures are the numbers that the page has of its record.
	const figures = root => [...root.querySelectorAll("data")].map(d => ({Field: d.dataset.field || "", Value: d.value, Text: d.textContent.trim()}));

	// bar is the picture of what held the memory.
	function bar(root) {
		const svg = root.querySelector("figure svg[role=img]");
		if (!svg) return null;
		const whole = svg.getBoundingClientRect();
		return {
			Flag: root.querySelector(".flag")?.textContent.trim() || "", Bottom: whole.bottom,
			Limit: (svg.querySelector("line.limit").getBoundingClientRect().left - whole.left) / whole.width,
			Parts: [...svg.querySelectorAll(":scope > svg")].map(p => {
				const r = p.querySelector("rect").getBoundingClientRect(), texts = [...p.querySelectorAll("text")];
				return {
					Title: p.querySelector("title").textContent, Victim: !!p.querySelector(".p-victim"), Share: r.width / whole.width, Left: (r.left - whole.left) / whole.width,
					Label: texts.map(t => t.textContent).join(" "), Cut: texts.some(t => t.getBoundingClientRect().right > r.right + 1),
				};
			}),
		};
	}

	return {structure, contrast, wide, start, focused, figures, bar};
})();
