// SPDX-License-Identifier: Apache-2.0

package watch

import (
	"bytes"
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// ErrNoPressure is the error of a kernel that has no pressure stall information: before 4.20, built
// without CONFIG_PSI, or started without psi=1 where CONFIG_PSI_DEFAULT_DISABLED is set.
var ErrNoPressure = errors.New("no pressure stall information: the kernel is older than 4.20 or built without CONFIG_PSI, or has it off: start it with psi=1")

// Pressure says how long tasks waited for memory (Documentation/accounting/psi.rst, 4.20).
type Pressure struct {
	// Some is the time in which at least one task waited, Full that in which all did.
	Some, Full Stall
}

// Stall is a share of time that was lost.
type Stall struct {
	// Avg10, Avg60 and Avg300 are the percent of the last 10, 60 and 300 seconds, valid iff OK.
	Avg10, Avg60, Avg300 float64
	// Total is the time lost since boot, or since the cgroup is there.
	Total time.Duration
	OK    bool
}

// Pressure reads /proc/pressure/memory. Its error is [ErrNoPressure] where the kernel has none.
func (s System) Pressure() (Pressure, error) {
	return readPressure(filepath.Join(s.Proc, "pressure/memory"))
}

// readPressure reads a file of pressure. A kernel that has it off has no directory
// /proc/pressure; of cgroups, reading fails with EOPNOTSUPP.
func readPressure(path string) (Pressure, error) {
	return parsePressureFile(read(path))
}

func parsePressureFile(b []byte, err error) (Pressure, error) {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.EOPNOTSUPP):
		return Pressure{}, ErrNoPressure
	case err != nil:
		return Pressure{}, err
	}
	return parsePressure(b), nil
}

// parsePressure reads "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", and the same of full.
func parsePressure(b []byte) (p Pressure) {
	for name, values := range pairs(b, ' ') {
		switch name {
		case "some":
			p.Some = parseStall(values)
		case "full":
			p.Full = parseStall(values)
		}
	}
	return p
}

func parseStall(values []byte) (s Stall) {
	for field := range bytes.FieldsSeq(values) {
		name, value, _ := bytes.Cut(field, []byte{'='})
		if string(name) == "total" {
			us := parseInt(value)
			if !us.OK || us.V > math.MaxInt64/int64(time.Microsecond) {
				return Stall{}
			}
			s.Total = time.Duration(us.V) * time.Microsecond
			continue
		}
		percent, err := strconv.ParseFloat(string(value), 64)
		if err != nil || !(percent >= 0 && percent <= 100) {
			return Stall{}
		}
		switch string(name) {
		case "avg10":
			s.Avg10, s.OK = percent, true
		case "avg60":
			s.Avg60 = percent
		case "avg300":
			s.Avg300 = percent
		}
	}
	return s
}
