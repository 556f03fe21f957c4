// SPDX-License-Identifier: Apache-2.0

package kernel

import "strings"

// unnamedEras are those of kernels that print no names.
var unnamedEras = []*gfpEra{&gfpEraA, &gfpEraB, &gfpEraB20, &gfpEraEL5, &gfpEraC, &gfpEraD, &gfpEraD38, &gfpEraD41, &gfpEraE44, &gfpEraE45}

// gfpSpan is the eras of the releases from one on, up to the next span's. It names two
// where the numbering changed within.
type gfpSpan struct {
	from [3]int
	eras []*gfpEra
}

// gfpSpans are sorted by release.
var gfpSpans = [...]gfpSpan{
	{[3]int{2, 6, 0}, []*gfpEra{&gfpEraA}},
	{[3]int{2, 6, 10}, []*gfpEra{&gfpEraA, &gfpEraB}},
	{[3]int{2, 6, 18}, []*gfpEra{&gfpEraB}},
	{[3]int{2, 6, 20}, []*gfpEra{&gfpEraB20}},
	{[3]int{2, 6, 21}, []*gfpEra{&gfpEraB20, &gfpEraC}},
	{[3]int{2, 6, 24}, []*gfpEra{&gfpEraC}},
	{[3]int{2, 6, 29}, []*gfpEra{&gfpEraC, &gfpEraD}},
	{[3]int{2, 6, 31}, []*gfpEra{&gfpEraD}},
	{[3]int{3, 8}, []*gfpEra{&gfpEraD38}},
	{[3]int{3, 17}, []*gfpEra{&gfpEraD}},
	{[3]int{4, 1}, []*gfpEra{&gfpEraD41}},
	{[3]int{4, 4}, []*gfpEra{&gfpEraE44}},
	{[3]int{4, 5}, []*gfpEra{&gfpEraE45}},
	{[3]int{4, 10}, []*gfpEra{&gfpEraF}},
	{[3]int{4, 13}, []*gfpEra{&gfpEraF13}},
	{[3]int{4, 16}, []*gfpEra{&gfpEraF13, &gfpEraG}},
	{[3]int{4, 18}, []*gfpEra{&gfpEraG}},
	{[3]int{5, 1}, []*gfpEra{&gfpEraG, &gfpEraH}},
	{[3]int{5, 2}, []*gfpEra{&gfpEraH}},
	{[3]int{5, 12}, []*gfpEra{&gfpEraH, &gfpEraI}},
	{[3]int{5, 15}, []*gfpEra{&gfpEraI}},
	{[3]int{5, 18}, []*gfpEra{&gfpEraI, &gfpEraJ}},
	{[3]int{5, 19}, []*gfpEra{&gfpEraJ}},
	{[3]int{6, 3}, []*gfpEra{&gfpEraK}},
	{[3]int{6, 10}, []*gfpEra{&gfpEraL}},
}

// vendorEras are the eras of Red Hat's kernels that took bits from newer ones. Other kernels built
// for the same distribution bear its mark too, so the version must be right as well.
var vendorEras = [...]struct {
	version, mark string
	eras          []*gfpEra
}{
	{"2.6.18-", ".el5", []*gfpEra{&gfpEraEL5}},
	{"3.10.0-", ".el7", []*gfpEra{&gfpEraD}},
}

// erasOf returns the eras that a release may be of. known is false for text that is no release.
func erasOf(release string) (eras []*gfpEra, known bool) {
	for _, v := range vendorEras {
		if strings.HasPrefix(release, v.version) && strings.Contains(release, v.mark) {
			return v.eras, true
		}
	}
	version, known := versionOf(release)
	if !known || less(version, gfpSpans[0].from) {
		return nil, false
	}
	for i := range gfpSpans {
		if less(version, gfpSpans[i].from) {
			break
		}
		eras = gfpSpans[i].eras
	}
	return eras, true
}

// versionOf reads the up to three numbers that a release starts with.
func versionOf(release string) (v [3]int, ok bool) {
	for i := range v {
		n, rest, ok := takeUint(release)
		if !ok || n > 1<<16 {
			return v, i >= 2
		}
		v[i] = int(n)
		if release, ok = strings.CutPrefix(rest, "."); !ok {
			return v, i >= 1
		}
	}
	return v, true
}

// less reports whether a is the older of two releases.
func less(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}
