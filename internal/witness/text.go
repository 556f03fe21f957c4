// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"encoding/json"
	"strings"
)

// between returns what stands between the words that s starts and ends with.
func between(s, before, after string) (string, bool) {
	s, starts := strings.CutPrefix(s, before)
	s, ends := strings.CutSuffix(s, after)
	return s, starts && ends
}

// cutNumber cuts a decimal number of at most 18 digits from the start of s.
func cutNumber(s string) (n int64, rest string, ok bool) {
	i := 0
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		n = n*10 + int64(s[i]-'0')
		if i == 18 {
			return 0, s, false
		}
	}
	return n, s[i:], i > 0
}

// wholeNumber reads s as one decimal number.
func wholeNumber(s string) (int64, bool) {
	n, rest, ok := cutNumber(s)
	return n, ok && rest == ""
}

// textOf returns a value of JSON: a string without its quotes, any other one as it is, "" for none.
func textOf(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) != nil {
		return string(value)
	}
	return s
}
