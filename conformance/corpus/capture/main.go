// SPDX-License-Identifier: Apache-2.0

// Command capture makes processes be killed on stock kernels, and stores what the kernel logged
// beside what truly happened: CAPTURES/kernel/scenario/{kmsg.raw,syslog.raw,dmesg.txt,truth.json}.
// See README.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// flags are the command line.
type flags struct {
	kernel, out, cache, pack string
	only, machines           []string
	host, list               bool
	program                  program
}

func main() {
	f := flags{}
	flag.StringVar(&f.kernel, "kernel", "", "boot this kernel of the table in kernels.go in an emulator")
	flag.BoolVar(&f.host, "host", false, "kill below a cgroup on this machine's own kernel")
	flag.BoolVar(&f.list, "list", false, "print kernels, machines and scenarios")
	flag.StringVar(&f.pack, "pack", "", "pack a kernel's captures (DIR/KERNEL) into the archive OUT/KERNEL.tar.gz")
	flag.StringVar(&f.out, "out", "build/captures", "directory to store captures in")
	flag.StringVar(&f.cache, "cache", cacheDir(), "directory to keep kernels in")
	only := flag.String("only", "", "run these scenarios only, separated by commas")
	machines := flag.String("machines", "", "boot these machines only, separated by commas")
	f.program.flags()
	flag.Parse()
	f.only, f.machines = words(*only), words(*machines)
	if err := run(f); err != nil {
		fmt.Fprintln(os.Stderr, "capture:", err)
		os.Exit(1)
	}
}

func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "oomtrail-capture")
}

func run(f flags) error {
	if f.pack != "" {
		return pack(f.pack, f.out)
	}
	if f.program.file != "" {
		return f.program.run(f)
	}
	if !f.host && !f.list && f.kernel == "" {
		return errors.New("say -kernel NAME, -host, -pack DIR or -list")
	}
	if err := requireTools(guestTools); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "capture")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	g, err := buildGuest(work)
	if err != nil {
		return err
	}
	if err := f.check(g); err != nil {
		return err
	}
	switch {
	case f.list:
		printTables(g)
		return nil
	case f.host:
		return captureHost(f, g, work)
	}
	return captureKernel(f, g, work)
}

// check refuses names that no table has.
func (f *flags) check(g *guest) error {
	for _, name := range f.only {
		if !g.has(name) {
			return fmt.Errorf("-only: there is no scenario %q; -list prints all", name)
		}
	}
	for _, name := range f.machines {
		if findMachine(name) == nil {
			return fmt.Errorf("-machines: there is no machine %q; -list prints all", name)
		}
	}
	return nil
}

func printTables(g *guest) {
	for _, k := range kernels {
		fmt.Printf("kernel    %-24s suite %s\n", k.name, k.suite)
	}
	for _, m := range machines {
		fmt.Printf("machine   %-24s cgroup v%d, %d MB, %s\n", m.name, m.cgroup, m.memoryMB, m.options)
	}
	for _, s := range g.scenarios {
		fmt.Printf("scenario  %-24s %-32s %s\n", s.name, strings.Join(s.machines, " "), s.about)
	}
}

// captureKernel boots each machine that has scenarios, one after the other. What came out of a boot
// that failed is stored too; the error tells of it.
func captureKernel(f flags, g *guest, work string) error {
	t, a, err := openKernel(f)
	if err != nil {
		return err
	}
	fmt.Printf("%s is %s\n", t.name, t.release)
	var failed error
	for i := range machines {
		m := &machines[i]
		scenarios := g.on(m.name, f.only)
		if len(scenarios) == 0 || len(f.machines) > 0 && !slices.Contains(f.machines, m.name) {
			continue
		}
		if m.cgroup == 1 && !t.cgroupV1 {
			fmt.Printf("%-12s passed over: this kernel has no memory controller on cgroup v1\n", m.name)
			continue
		}
		began := time.Now()
		err := captureMachine(f, g, t, a, m, scenarios, filepath.Join(work, m.name))
		fmt.Printf("%-12s %d scenarios, %.0f s, %s\n", m.name, len(scenarios), time.Since(began).Seconds(), outcome(err))
		failed = errors.Join(failed, err)
	}
	return failed
}

// openKernel takes the kernel that was asked for from the machine's package sources.
func openKernel(f flags) (*tree, *apt, error) {
	if err := requireTools(kernelTools); err != nil {
		return nil, nil, err
	}
	k, err := findKernel(f.kernel)
	if err != nil {
		return nil, nil, err
	}
	a, err := openApt(filepath.Join(f.cache, "apt-"+k.suite), k.suite)
	if err != nil {
		return nil, nil, err
	}
	t, err := fetchKernel(k, a, f.cache)
	return t, a, err
}

func outcome(err error) string {
	if err != nil {
		return err.Error()
	}
	return "ok"
}

func captureMachine(f flags, g *guest, t *tree, a *apt, m *machine, scenarios []string, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	program, err := os.ReadFile(g.program)
	if err != nil {
		return err
	}
	var files map[string][]byte
	if m.daemons {
		if files, err = fetchDaemons(t.suite, a, f.cache); err != nil {
			return err
		}
	}
	archive, err := buildInitramfs(t, program, files)
	if err != nil {
		return err
	}
	initrd := filepath.Join(dir, "initramfs")
	if err := os.WriteFile(initrd, archive, 0o644); err != nil {
		return err
	}
	e, err := boot(t, m, initrd, dir, scenarios)
	if err != nil {
		return err
	}
	got, failed := e.wait()
	if failed != nil {
		failed = fmt.Errorf("%s %s: %w", t.name, m.name, failed)
	}
	about := map[string]any{"machine": m.name, "memory_mb": m.memoryMB, "cpus": max(m.cpus, 1), "numa_nodes": max(m.nodes, 1),
		"kernel_packages": t.packages, "panic_kmsg_from_guest_memory": m.panics}
	for _, s := range scenarios {
		if err := storeScenario(filepath.Join(f.out, t.name, s+m.suffix()), got[s], about); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", s, err))
		}
	}
	return failed
}
