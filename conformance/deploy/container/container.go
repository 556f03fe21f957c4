// SPDX-License-Identifier: Apache-2.0

//go:build linux

// Package container starts the containers of a pod spec with runc: with the root file system of an
// image, and the user, capabilities, devices and mounts that a kubelet with containerd gives them.
// It has no network of its own.
package container

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/opencontainers/runtime-spec/specs-go"
	corev1 "k8s.io/api/core/v1"
)

// Node is the machine that a pod runs on, as far as the pod sees it.
type Node struct {
	// Dir holds the host paths of the pod's volumes, but devices, which are this machine's.
	Dir string
	// Fields are what the downward API says, by field path.
	Fields map[string]string
	// ConfigMaps are the files of each.
	ConfigMaps map[string]map[string]string
	// ServiceAccount is a directory with the token and the certificate of the API server, "" for
	// none.
	ServiceAccount string
	// Devices are given to all containers to read, as a device plugin does.
	Devices []string
	// Env is set in all containers, as the variables of services are.
	Env []string
}

// Image is a root file system, with the configuration of its image.
type Image struct {
	Root   string
	Config v1.Config
}

// Unpack unpacks the image of a layout for an architecture into a directory.
func Unpack(dir, arch, root string) (Image, error) {
	outer, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return Image{}, err
	}
	manifest, err := outer.IndexManifest()
	if err != nil {
		return Image{}, err
	}
	index, err := outer.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		return Image{}, err
	}
	if manifest, err = index.IndexManifest(); err != nil {
		return Image{}, err
	}
	i := slices.IndexFunc(manifest.Manifests, func(d v1.Descriptor) bool { return d.Platform.Architecture == arch })
	if i < 0 {
		return Image{}, fmt.Errorf("%s holds no image for %s", dir, arch)
	}
	image, err := index.Image(manifest.Manifests[i].Digest)
	if err != nil {
		return Image{}, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return Image{}, err
	}
	content := mutate.Extract(image)
	defer content.Close()
	return Image{Root: root, Config: file.Config}, untar(content, root)
}

func untar(content io.Reader, root string) error {
	for r := tar.NewReader(content); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		path := filepath.Join(root, filepath.Clean("/"+h.Name))
		switch h.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(path, os.FileMode(h.Mode))
		case tar.TypeSymlink:
			err = os.Symlink(h.Linkname, path)
		default:
			var b []byte
			if b, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(path, b, os.FileMode(h.Mode))
			}
		}
		if err != nil {
			return err
		}
	}
}

// ordinary are the capabilities that containerd gives a container.
var ordinary = []string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
	"CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
}

// names are all capabilities, by their numbers in the kernel.
var names = []string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
	"CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
	"CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
	"CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
	"CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ",
}

// own returns the capabilities of this process: a privileged container gets those of containerd.
func own() ([]string, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, err
	}
	_, after, _ := strings.Cut(string(status), "CapEff:")
	line, _, _ := strings.Cut(after, "\n")
	set, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	if err != nil {
		return nil, err
	}
	var have []string
	for i, name := range names {
		if set&(1<<i) != 0 {
			have = append(have, name)
		}
	}
	return have, nil
}

// Bundle writes a bundle for runc: a container of a pod, from an image, on a node. cgroup is its
// cgroup's path. Empty directories are made in the bundle's parent, so that they are the pod's.
func Bundle(bundle, cgroup string, pod *corev1.PodSpec, c *corev1.Container, image Image, node Node) error {
	security := c.SecurityContext
	if security == nil {
		security = &corev1.SecurityContext{}
	}
	privileged := is(security.Privileged)
	user, err := userOf(security, image.Config.User)
	if err != nil {
		return err
	}
	env, err := environment(c, image, node)
	if err != nil {
		return err
	}
	args := slices.Concat(image.Config.Entrypoint, image.Config.Cmd)
	if len(c.Command) > 0 {
		args = slices.Concat(c.Command, c.Args)
	} else if len(c.Args) > 0 {
		args = slices.Concat(image.Config.Entrypoint, c.Args)
	}
	args = slices.Clone(args)
	for i := range args {
		for _, e := range env {
			name, value, _ := strings.Cut(e, "=")
			args[i] = strings.ReplaceAll(args[i], "$("+name+")", value)
		}
	}
	mounts, err := mountsOf(bundle, pod, c, node)
	if err != nil {
		return err
	}
	capabilities, err := capabilitiesOf(security, privileged)
	if err != nil {
		return err
	}
	allowed := []specs.LinuxDeviceCgroup{{Allow: privileged, Access: "rwm"}}
	var devices []specs.LinuxDevice
	for _, path := range node.Devices {
		var stat syscall.Stat_t
		if err := syscall.Stat(path, &stat); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		major, minor := int64(stat.Rdev>>8&0xfff), int64(stat.Rdev&0xff)
		allowed = append(allowed, specs.LinuxDeviceCgroup{Allow: true, Type: "c", Major: &major, Minor: &minor, Access: "r"})
		devices = append(devices, specs.LinuxDevice{Path: path, Type: "c", Major: major, Minor: minor})
	}
	spec := specs.Spec{
		Version: "1.0.2",
		Process: &specs.Process{
			User: user, Args: args, Env: env, Cwd: "/",
			Capabilities:    &specs.LinuxCapabilities{Bounding: capabilities, Effective: capabilities, Permitted: capabilities},
			NoNewPrivileges: security.AllowPrivilegeEscalation != nil && !*security.AllowPrivilegeEscalation,
		},
		Root:     &specs.Root{Path: image.Root, Readonly: is(security.ReadOnlyRootFilesystem)},
		Hostname: "pod-of-" + c.Name,
		Mounts:   mounts,
		Linux: &specs.Linux{
			CgroupsPath: cgroup,
			Resources:   &specs.LinuxResources{Devices: allowed},
			Devices:     devices,
			Namespaces:  []specs.LinuxNamespace{{Type: specs.PIDNamespace}, {Type: specs.IPCNamespace}, {Type: specs.UTSNamespace}, {Type: specs.MountNamespace}},
		},
	}
	if limit := c.Resources.Limits.Memory(); !limit.IsZero() {
		bytes := limit.Value()
		spec.Linux.Resources.Memory = &specs.LinuxMemory{Limit: &bytes}
	}
	if !privileged {
		spec.Linux.MaskedPaths = []string{"/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"}
		spec.Linux.ReadonlyPaths = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(bundle, "config.json"), text, 0o600)
}

func is(b *bool) bool { return b != nil && *b }

func userOf(security *corev1.SecurityContext, image string) (specs.User, error) {
	uid, gid, _ := strings.Cut(image, ":")
	u, _ := strconv.ParseUint(uid, 10, 32)
	g, _ := strconv.ParseUint(gid, 10, 32)
	if security.RunAsUser != nil {
		u = uint64(*security.RunAsUser)
	}
	if security.RunAsGroup != nil {
		g = uint64(*security.RunAsGroup)
	} else if security.RunAsUser != nil && u == 0 {
		g = 0
	}
	if is(security.RunAsNonRoot) && u == 0 {
		return specs.User{}, errors.New("container has runAsNonRoot and image will run as root")
	}
	return specs.User{UID: uint32(u), GID: uint32(g)}, nil
}

func environment(c *corev1.Container, image Image, node Node) ([]string, error) {
	env := slices.Concat(image.Config.Env, []string{"HOSTNAME=pod-of-" + c.Name, "KUBERNETES_SERVICE_HOST=127.0.0.1"}, node.Env)
	for _, e := range c.Env {
		value := e.Value
		if e.ValueFrom != nil {
			var ok bool
			if value, ok = node.Fields[e.ValueFrom.FieldRef.FieldPath]; !ok {
				return nil, fmt.Errorf("no value for %s", e.ValueFrom.FieldRef.FieldPath)
			}
		}
		env = append(env, e.Name+"="+value)
	}
	return env, nil
}

func capabilitiesOf(security *corev1.SecurityContext, privileged bool) ([]string, error) {
	if privileged {
		return own()
	}
	capabilities := slices.Clone(ordinary)
	if security.Capabilities == nil {
		return capabilities, nil
	}
	for _, drop := range security.Capabilities.Drop {
		capabilities = slices.DeleteFunc(capabilities, func(name string) bool { return drop == "ALL" || name == "CAP_"+string(drop) })
	}
	for _, add := range security.Capabilities.Add {
		capabilities = append(capabilities, "CAP_"+string(add))
	}
	return capabilities, nil
}

func mountsOf(bundle string, pod *corev1.PodSpec, c *corev1.Container, node Node) ([]specs.Mount, error) {
	mounts := []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
		{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "noexec", "nodev", "ro"}},
	}
	// The kubelet writes it for each pod.
	hosts := filepath.Join(filepath.Dir(bundle), "hosts")
	if err := os.WriteFile(hosts, []byte("127.0.0.1\tlocalhost\n"), 0o644); err != nil {
		return nil, err
	}
	mounts = append(mounts, bind(hosts, "/etc/hosts", false))
	if node.ServiceAccount != "" {
		mounts = append(mounts, bind(node.ServiceAccount, "/var/run/secrets/kubernetes.io/serviceaccount", true))
	}
	for _, m := range c.VolumeMounts {
		i := slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name })
		if i < 0 {
			return nil, fmt.Errorf("%s is no volume", m.Name)
		}
		source, err := sourceOf(bundle, pod.Volumes[i], node)
		if err != nil {
			return nil, err
		}
		mounts = append(mounts, bind(source, m.MountPath, m.ReadOnly || pod.Volumes[i].ConfigMap != nil))
	}
	return mounts, nil
}

// sourceOf returns where a volume is, and makes it where a kubelet does.
func sourceOf(bundle string, v corev1.Volume, node Node) (string, error) {
	switch {
	case v.HostPath != nil && strings.HasPrefix(v.HostPath.Path, "/dev/"):
		return v.HostPath.Path, nil
	case v.HostPath != nil:
		path := filepath.Join(node.Dir, v.HostPath.Path)
		if t := v.HostPath.Type; t != nil && *t == corev1.HostPathDirectoryOrCreate {
			return path, os.MkdirAll(path, 0o755)
		}
		_, err := os.Stat(path)
		return path, err
	case v.EmptyDir != nil:
		path := filepath.Join(filepath.Dir(bundle), "volume-"+v.Name)
		if err := os.MkdirAll(path, 0o777); err != nil {
			return "", err
		}
		return path, os.Chmod(path, 0o777)
	case v.ConfigMap != nil:
		files, ok := node.ConfigMaps[v.ConfigMap.Name]
		if !ok {
			return "", fmt.Errorf("there is no ConfigMap %s", v.ConfigMap.Name)
		}
		path := filepath.Join(filepath.Dir(bundle), "volume-"+v.Name)
		if err := os.MkdirAll(path, 0o755); err != nil {
			return "", err
		}
		for key, text := range files {
			for _, item := range v.ConfigMap.Items {
				if item.Key == key {
					key = item.Path
				}
			}
			if err := os.WriteFile(filepath.Join(path, key), []byte(text), 0o644); err != nil {
				return "", err
			}
		}
		return path, nil
	}
	return "", fmt.Errorf("%s is of a kind that is not known here", v.Name)
}

func bind(source, target string, readOnly bool) specs.Mount {
	options := []string{"rbind", "rprivate", "rw"}
	if readOnly {
		options[2] = "ro"
	}
	return specs.Mount{Destination: target, Type: "bind", Source: source, Options: options}
}
