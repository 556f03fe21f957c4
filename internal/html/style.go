// SPDX-License-Identifier: Apache-2.0

package html

import (
	"strings"
	"sync"
)

// color is a color of the page by light and by dark.
type color struct{ name, light, dark string }

// colors are all that the page has. One that ends in -on is for text on the one without.
var colors = []color{
	{"page", "#ffffff", "#14161a"},
	{"ink", "#1a1a1a", "#e8e8e8"},
	{"dim", "#595959", "#a8adb5"},
	{"line", "#c8c8c4", "#454a54"},
	{"killed", "#b3261e", "#ff8a80"},
	{"killed-panel", "#fdeceb", "#3a1c1c"},
	{"victim", "#b3261e", "#ff8a80"},
	{"victim-on", "#ffffff", "#14161a"},
	{"process", "#8f5b00", "#f0b24a"},
	{"process-on", "#ffffff", "#14161a"},
	{"processes", "#6f6a5c", "#b8b09a"},
	{"processes-on", "#ffffff", "#14161a"},
	{"hugetlb", "#00696b", "#4fc6c8"},
	{"hugetlb-on", "#ffffff", "#14161a"},
	{"shared", "#7b2d8b", "#d79be6"},
	{"shared-on", "#ffffff", "#14161a"},
	{"cache", "#1f5fa8", "#82b4f2"},
	{"cache-on", "#ffffff", "#14161a"},
	{"locked", "#5d3fa0", "#b7a3f5"},
	{"locked-on", "#ffffff", "#14161a"},
	{"kernel", "#2f6b3a", "#7fca8c"},
	{"kernel-on", "#ffffff", "#14161a"},
	{"swap", "#33507a", "#9db7df"},
	{"swap-on", "#ffffff", "#14161a"},
	{"free", "#e9e9e6", "#2a2e36"},
	{"free-on", "#1a1a1a", "#e8e8e8"},
	{"rest", "#d2d2ce", "#3d424c"},
	{"rest-on", "#1a1a1a", "#e8e8e8"},
}

// Style is the style sheet of all pages.
var Style = sync.OnceValue(func() string {
	var light, dark, parts strings.Builder
	for _, c := range colors {
		light.WriteString("--" + c.name + ":" + c.light + ";")
		dark.WriteString("--" + c.name + ":" + c.dark + ";")
		if part, on := strings.CutSuffix(c.name, "-on"); on {
			parts.WriteString(".p-" + part + "{fill:var(--" + part + ")}.p-" + c.name + "{fill:var(--" + c.name + ")}\n")
		}
	}
	return "\n:root{" + light.String() + "}\n" +
		"@media screen and (prefers-color-scheme:dark){:root{" + dark.String() + "}}\n" +
		rules + parts.String()
})

// rules are all but the colors.
const rules = `
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;overflow-wrap:break-word}
main,footer{max-width:60rem;margin:0 auto;padding:1rem}
footer{color:var(--dim);font-size:.85rem;border-top:1px solid var(--line)}
h1,.news,dd,li,code,td.text,summary{overflow-wrap:anywhere}
h2,h3,h4{font-size:1.1rem;margin:2rem 0 .5rem;padding-top:.5rem;border-top:1px solid var(--line)}
h1,.news{text-wrap:balance;font-size:1.5rem;line-height:1.3;margin:.25rem 0 .5rem;padding:0;border:0;font-weight:600}
p{margin:.25rem 0}
.dim,small{color:var(--dim)}
small{font-size:.85rem}
.flag{color:var(--killed);font-weight:600;margin:1rem 0 .15rem}
figure{margin:0}
svg{display:block;width:100%;overflow:visible}
svg svg{overflow:hidden}
svg text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;fill:var(--ink)}
svg text.name{font-weight:600}
.gap{fill:none;stroke:var(--page);stroke-width:1}
svg.plot{overflow:visible}
.m-kill{fill:var(--killed)}
.m-other{fill:var(--dim)}
.lane{stroke:var(--line);stroke-width:1}
.tick{stroke:var(--line);stroke-width:1;stroke-dasharray:2 3}
svg text.axis{fill:var(--dim);font-size:12px}
.timeline{min-width:44rem;margin:.5rem 0 0}
a{color:var(--cache)}
details>div[id]{scroll-margin-top:4rem}
details:has(:target){outline:3px solid var(--cache);outline-offset:2px}
.as-is{white-space:pre-wrap}
.frame{fill:var(--free);stroke:var(--line);stroke-width:1}
.mark{stroke:var(--ink);stroke-width:2}
.limit{stroke:var(--ink);stroke-width:3}
tbody th:not(.n){min-width:8rem}
tbody th.part{padding-left:1.4em;text-indent:-1.4em;min-width:15rem}
.most{font-weight:600;margin:.15rem 0}
td.whole{white-space:nowrap}
td.shrink{overflow-wrap:anywhere;min-width:9rem}
.swatch{display:inline-block;width:.9em;height:.9em;vertical-align:-.05em;margin-right:.4em}
.scroll{overflow-x:auto}
.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:3px solid var(--cache);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.95rem}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-top:1px solid var(--line)}
thead th{border-top:0;color:var(--dim);font-weight:600}
th.n,td.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td.bar{min-width:7rem;width:30%}
td.share{width:15%}
td.means{color:var(--dim);min-width:11rem}
tr.killed{background:var(--killed-panel);color:var(--ink)}
.tag{color:var(--killed);font-weight:600}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.2rem 1rem;margin:.5rem 0}
dt{color:var(--dim)}
dd{margin:0}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
ol.ladder,ol.ladder ol{list-style:none;margin:0;padding:0}
ol.ladder ol{padding-left:.8rem;border-left:2px solid var(--line)}
ol.ladder li{padding:.15rem 0}
.hit{background:var(--killed-panel);border-left:4px solid var(--killed);padding:.15rem .5rem}
details{margin:1rem 0;border:1px solid var(--line);border-radius:.3rem}
summary{cursor:pointer;padding:.5rem .75rem;font-weight:600}
details>*:not(summary){margin:0 .75rem .75rem}
.lines td{font:.8rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;padding:.05rem .75rem .05rem 0;border:0}
.lines td.kind{white-space:nowrap}
.lines td.text{white-space:pre-wrap}
@media (max-width:40rem){tbody th.part{min-width:7rem}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
@media print{body{font-size:11pt}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}main,footer{max-width:none;padding:0}h2,h3,h4{break-after:avoid}tr,li,figure{break-inside:avoid}.scroll{overflow:visible}.timeline{min-width:0}td.whole{white-space:normal}td.shrink,tbody th:not(.n){min-width:0}table{font-size:.8rem}th,td{padding-right:.4rem}td.bar{min-width:4rem;width:20%}td.means{min-width:8rem}}
`
