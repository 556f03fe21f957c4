// SPDX-License-Identifier: Apache-2.0

package format

import (
	"testing"
	"time"
)

func TestMidnightIsThatOfTheLibrary(t *testing.T) {
	for year := 1; year <= 9999; year++ {
		for month := 1; month <= 12; month++ {
			for _, day := range [...]int{1, 28, 29, 30, 31} {
				w := wallTime{year: int16(year), month: int8(month), day: int8(day), east: 5400, zoned: true, sinceMidnight: 12*time.Hour + 5*time.Nanosecond}
				want := time.Date(year, time.Month(month), day, 12, 0, -5400, 5, time.UTC)
				if got, ok := w.utc(); !ok || got != want {
					t.Fatalf("%d-%d-%d is %v, want %v", year, month, day, got, want)
				}
			}
		}
	}
}
