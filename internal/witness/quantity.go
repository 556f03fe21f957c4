// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strconv"
	"strings"

	"github.com/oomtrail/oomtrail/parser/report"
)

// quantityUnits are the suffixes of Kubernetes' quantities
// (k8s.io/apimachinery/pkg/api/resource/quantity.go), but those below one and exponents, in which
// no memory is printed.
var quantityUnits = map[string]float64{
	"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
	"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50, "Ei": 1 << 60,
}

// bytesOf returns a quantity of memory, "5053216Ki", in bytes. It is absent where s is none.
func bytesOf(s string) report.Int {
	number := strings.TrimRight(s, "kKMGTPEi")
	unit, ok := quantityUnits[s[len(number):]]
	if !ok || strings.Trim(number, "0123456789.") != "" {
		return report.Int{}
	}
	if n, err := strconv.ParseInt(number, 10, 64); err == nil { // exact
		if u := int64(unit); n <= (1<<63-1)/u {
			return report.Some(n * u)
		}
		return report.Int{}
	}
	v, err := strconv.ParseFloat(number, 64)
	if v *= unit; err != nil || v >= 1<<63 {
		return report.Int{}
	}
	return report.Some(int64(v))
}
