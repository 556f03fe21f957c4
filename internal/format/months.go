// SPDX-License-Identifier: Apache-2.0

package format

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// monthNames lists how strftime's %b and journald spell the months, in lower
// case and without a final point, for the locales that logs are usually seen in.
var monthNames = func() map[string]int {
	m := make(map[string]int)
	for i, names := range [...]string{
		"jan januar january janv gen ene янв ıan oca led sty tammi",
		"feb februar february févr fév fev febr фев лют şub úno lut helmi",
		"mar mär märz march mars mrt maa мар бер bře maalis",
		"apr april avr avril abr апр кві nis dub kwi huhti",
		"may mai mei mag май мая тра maj kvě touko",
		"jun juni june juin giu июн чер haz čen cze kesä",
		"jul juli july juil lug июл лип tem čec lip heinä",
		"aug august août aoû ago авг сер ağu srp sie elo",
		"sep sept september set сен вер eyl zář wrz syys",
		"oct okt october oktober ott out окт жов eki říj paź loka",
		"nov november ноя лис kas lis marras",
		"dec dez december déc dic дек гру ara pro gru joulu",
	} {
		for _, name := range strings.Fields(names) {
			if _, taken := m[name]; !taken {
				m[name] = i + 1
			}
		}
	}
	return m
}()

// monthNumber returns 1..12, or 0 for a name that is not known. A number with a
// word after it, as Chinese, Japanese and Korean have, speaks for itself.
func monthNumber(name []byte) int {
	if v, n := digits(name, 2); n > 0 {
		if n < len(name) && v >= 1 && v <= 12 {
			return int(v)
		}
		return 0
	}
	if m := englishMonth(string(name)); m > 0 {
		return m
	}
	var buf [64]byte
	if len(name) > len(buf)/utf8.UTFMax {
		return 0
	}
	lower := buf[:0]
	for len(name) > 0 {
		r, n := utf8.DecodeRune(name)
		lower = utf8.AppendRune(lower, unicode.ToLower(r))
		name = name[n:]
	}
	return monthNames[string(bytes.TrimSuffix(lower, []byte(".")))]
}

// englishMonth knows the names that nearly every log has, and spares them a look into the list.
func englishMonth(name string) int {
	switch name {
	case "Jan":
		return 1
	case "Feb":
		return 2
	case "Mar":
		return 3
	case "Apr":
		return 4
	case "May":
		return 5
	case "Jun":
		return 6
	case "Jul":
		return 7
	case "Aug":
		return 8
	case "Sep":
		return 9
	case "Oct":
		return 10
	case "Nov":
		return 11
	case "Dec":
		return 12
	}
	return 0
}
