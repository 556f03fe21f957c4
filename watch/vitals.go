// SPDX-License-Identifier: Apache-2.0

package watch

import "path/filepath"

// Vitals are memory and pressure of the machine, for one that looks again and again: the files stay
// open. It is for one goroutine.
type Vitals struct {
	system   System
	meminfo  *rawFile
	pressure *rawFile
	buf      [8 << 10]byte
}

// Vitals opens nothing yet.
func (s System) Vitals() *Vitals { return &Vitals{system: s} }

// Memory is [System.Memory].
func (v *Vitals) Memory() (Memory, error) {
	b, err := v.read(&v.meminfo, filepath.Join(v.system.Proc, "meminfo"))
	if err != nil {
		return Memory{}, err
	}
	return parseMeminfo(b), nil
}

// Pressure is [System.Pressure].
func (v *Vitals) Pressure() (Pressure, error) {
	b, err := v.read(&v.pressure, v.system.PressureFile())
	return parsePressureFile(b, err)
}

// read opens a file where it is not open, and reads it.
func (v *Vitals) read(file **rawFile, path string) ([]byte, error) {
	if *file == nil {
		opened, err := openRaw(path)
		if err != nil {
			return nil, err
		}
		*file = &opened
	}
	return (*file).reread(v.buf[:])
}

// Close closes the files. They are opened again when they are read.
func (v *Vitals) Close() {
	for _, file := range []**rawFile{&v.meminfo, &v.pressure} {
		if *file != nil {
			(*file).close()
			*file = nil
		}
	}
}
