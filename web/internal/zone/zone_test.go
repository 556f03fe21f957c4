// SPDX-License-Identifier: Apache-2.0

package zone

import (
	"testing"
	"time"
	_ "time/tzdata"
)

// TestOf: a zone that is made of offsets says at each hour what the true one says.
func TestOf(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for _, name := range []string{"UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "America/Sao_Paulo"} {
		want, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		got := Of(name, now, func(at time.Time) time.Duration {
			_, seconds := at.In(want).Zone()
			return time.Duration(seconds) * time.Second
		})
		wrong := 0
		for at := now.AddDate(-19, 0, 0); at.Before(now.AddDate(0, 11, 0)); at = at.Add(30 * time.Minute) {
			if at.In(got).Format(time.DateTime) != at.In(want).Format(time.DateTime) {
				if wrong++; wrong == 1 {
					t.Errorf("%s: %s is %s, and should be %s", name, at, at.In(got), at.In(want))
				}
			}
		}
		if got.String() != name {
			t.Errorf("%s is called %s", name, got)
		}
	}
}

func TestAbbreviation(t *testing.T) {
	for offset, want := range map[time.Duration]string{
		0: "UTC", 2 * time.Hour: "UTC+2", -3*time.Hour - 30*time.Minute: "UTC-3:30", 14 * time.Hour: "UTC+14", 30 * time.Minute: "UTC+0:30",
	} {
		if got := abbreviation(offset); got != want {
			t.Errorf("%s is %s, want %s", offset, got, want)
		}
	}
}
