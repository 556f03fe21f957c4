// SPDX-License-Identifier: Apache-2.0

package report

// Release is the version at the head of a kernel release.
type Release struct {
	// Major and Minor are 6 and 12 for "6.12.107+deb13-amd64". For 2.6.32 they are 2 and 6, and
	// Patch is 32.
	Major, Minor, Patch int
}

// ParseRelease parses the numbers at the head of `uname -r`. ok is false where there are fewer than
// two.
func ParseRelease(s string) (r Release, ok bool) {
	for i, p := range []*int{&r.Major, &r.Minor, &r.Patch} {
		n := 0
		for n < len(s) && n < 5 && s[n] >= '0' && s[n] <= '9' {
			*p = *p*10 + int(s[n]-'0')
			n++
		}
		if n == 0 {
			return r, i == 2
		}
		s = s[n:]
		if len(s) == 0 || s[0] != '.' {
			return r, i > 0
		}
		s = s[1:]
	}
	return r, true
}

// Before reports whether the release is older than major.minor.
func (r Release) Before(major, minor int) bool {
	return r.Major < major || (r.Major == major && r.Minor < minor)
}
