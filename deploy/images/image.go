// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	emptyimage "github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// kind is what one image is, beside its files.
type kind struct {
	Description string
	Entrypoint  []string
	Cmd         []string
	// Certificates adds the authorities that certificates of servers are checked against.
	Certificates bool
}

// kinds are the images by name.
var kinds = map[string]kind{
	"oomtrail": {
		Description: "Prints the out-of-memory kills of a machine as JSON lines, and explains them",
		Entrypoint:  []string{"/usr/local/bin/oomtrail"},
	},
	// The path of the program is that of the official collectors, which their chart can name.
	"otelcol-oom": {
		Description:  "OpenTelemetry Collector with a receiver and a processor for out-of-memory kills",
		Entrypoint:   []string{"/otelcol-oom"},
		Cmd:          []string{"--config=/etc/otelcol-oom/config.yaml"},
		Certificates: true,
	},
	"oomtrail-fluent-bit": {
		Description: "Copies the oom_kill plugin for Fluent Bit into a volume, as an init container",
		Entrypoint:  []string{"/copy", "/usr/local/lib/fluent-bit"},
		Cmd:         []string{"/plugin"},
	},
}

// user is the user of each image: nobody that a node has. A pod that reads /dev/kmsg says runAsUser
// 0.
const user = "65532:65532"

// certificatesPath is where Go programs look for the certificates of authorities.
const certificatesPath = "etc/ssl/certs/ca-certificates.crt"

func empty() v1.ImageIndex { return mutate.IndexMediaType(emptyimage.Index, types.OCIImageIndex) }

// index returns an image for all architectures.
func (b build) index(name string) (v1.ImageIndex, error) {
	k, ok := kinds[name]
	if !ok {
		return nil, fmt.Errorf("there is no such image")
	}
	index := empty()
	for _, arch := range b.Architectures {
		image, err := b.image(name, k, arch)
		if err != nil {
			return nil, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}},
		})
	}
	return mutate.Annotations(index, b.labels(name, k)).(v1.ImageIndex), nil
}

// image returns an image for one architecture.
func (b build) image(name string, k kind, arch string) (v1.Image, error) {
	var layers []mutate.Addendum
	add := func(createdBy string, content []byte) error {
		layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(content)), nil
		}, tarball.WithMediaType(types.OCILayer))
		if err != nil {
			return err
		}
		layers = append(layers, mutate.Addendum{
			Layer: layer, MediaType: types.OCILayer,
			History: v1.History{Created: v1.Time{Time: b.Date}, CreatedBy: createdBy},
		})
		return nil
	}
	if k.Certificates {
		content, err := certificates(b.Date)
		if err != nil {
			return nil, err
		}
		if err := add("certificates of authorities, as Mozilla trusts them", content); err != nil {
			return nil, err
		}
	}
	content, err := pack(filepath.Join(b.Stage, name, arch), b.Date)
	if err != nil {
		return nil, err
	}
	if err := add(name+" "+b.Version, content); err != nil {
		return nil, err
	}
	image, err := mutate.Append(mutate.ConfigMediaType(mutate.MediaType(emptyimage.Image, types.OCIManifestSchema1), types.OCIConfigJSON), layers...)
	if err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", arch
	file.Created = v1.Time{Time: b.Date}
	file.Config = v1.Config{
		Entrypoint: k.Entrypoint,
		Cmd:        k.Cmd,
		User:       user,
		WorkingDir: "/",
		Env:        []string{"PATH=/usr/local/bin"},
		Labels:     b.labels(name, k),
	}
	return mutate.ConfigFile(image, file)
}

// labels are what an image says about itself.
func (b build) labels(name string, k kind) map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":         name,
		"org.opencontainers.image.description":   k.Description,
		"org.opencontainers.image.version":       b.Version,
		"org.opencontainers.image.revision":      b.Commit,
		"org.opencontainers.image.created":       b.Date.UTC().Format(time.RFC3339),
		"org.opencontainers.image.source":        "https://github.com/oomtrail/oomtrail",
		"org.opencontainers.image.documentation": "https://github.com/oomtrail/oomtrail/tree/main/deploy",
		"org.opencontainers.image.licenses":      "Apache-2.0",
	}
}

// pack returns a tree as a tar file: in order of names, all root's and of one age, a file
// executable for all or for none.
func pack(root string, date time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		header := &tar.Header{Name: filepath.ToSlash(name), ModTime: date, Format: tar.FormatPAX, Mode: 0o755}
		var content []byte
		switch info, err := entry.Info(); {
		case err != nil:
			return err
		case entry.IsDir():
			header.Typeflag, header.Name = tar.TypeDir, header.Name+"/"
		case entry.Type() == fs.ModeSymlink:
			header.Typeflag = tar.TypeSymlink
			if header.Linkname, err = os.Readlink(path); err != nil {
				return err
			}
		case entry.Type().IsRegular():
			header.Typeflag = tar.TypeReg
			if info.Mode()&0o111 == 0 {
				header.Mode = 0o644
			}
			if content, err = os.ReadFile(path); err != nil {
				return err
			}
			header.Size = int64(len(content))
			files++
		default:
			return fmt.Errorf("%s is no file, directory or link", path)
		}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	})
	if err == nil && files == 0 {
		err = fmt.Errorf("%s holds no file", root)
	}
	if err != nil {
		return nil, err
	}
	return out.Bytes(), w.Close()
}

// certificates returns the layer of the certificates of authorities.
func certificates(date time.Time) ([]byte, error) {
	var text, out bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue // trusted for some certificates only, which a file of certificates cannot say
		}
		if err := pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return nil, err
		}
	}
	w := tar.NewWriter(&out)
	for _, dir := range []string{"etc/", "etc/ssl/", "etc/ssl/certs/"} {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir, Mode: 0o755, ModTime: date, Format: tar.FormatPAX}); err != nil {
			return nil, err
		}
	}
	if err := w.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: certificatesPath, Mode: 0o644, Size: int64(text.Len()), ModTime: date, Format: tar.FormatPAX,
	}); err != nil {
		return nil, err
	}
	if _, err := w.Write(text.Bytes()); err != nil {
		return nil, err
	}
	return out.Bytes(), w.Close()
}
