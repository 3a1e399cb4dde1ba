package cli

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"debug/elf"
	"fmt"
	"io"
	"os"

	"weir/internal/quota"
	"weir/internal/stack"
	"weir/internal/stack/account"
	"weir/probe/js"
)

// Values of --probe.
const (
	probeJS = "js"
	probeGo = "go"
)

// probeCode is the deployment package of the probe: the Node.js source, or a
// Linux program of that architecture under the name that Lambda starts, by
// which weir is the probe.
func probeCode(kind, binary, architecture string) (account.Code, error) {
	switch kind {
	case probeJS:
		zipped, err := zipOne("index.js", 0o644, []byte(js.Inline()))
		return account.Code{Zip: zipped, Runtime: stack.NodeRuntime, Handler: "index.handler"}, err
	case probeGo:
		if err := runsOn(binary, architecture); err != nil {
			return account.Code{}, err
		}
		program, err := os.ReadFile(binary)
		if err != nil {
			return account.Code{}, fmt.Errorf("read the probe's program: %w", err)
		}
		zipped, err := zipOne("bootstrap", 0o755, program)
		if err == nil && len(zipped) > quota.CodeZipBytes {
			return account.Code{}, usage(fmt.Errorf("%s is %.1f MB in a zip, Lambda takes 50", binary, float64(len(zipped))/(1<<20)), "build it without symbols: go build -ldflags '-s -w'")
		}
		return account.Code{Zip: zipped, Runtime: stack.GoRuntime, Handler: "bootstrap"}, err
	}
	return account.Code{}, usagef("--probe %q: js or go", kind)
}

// runsOn refuses a program that Lambda could not start, and says what is
// missing.
func runsOn(binary, architecture string) error {
	machine, goarch := elf.EM_AARCH64, "arm64"
	if architecture == stack.X86 {
		machine, goarch = elf.EM_X86_64, "amd64"
	}
	hint := fmt.Sprintf("give --probe-binary a weir for linux/%s: CGO_ENABLED=0 GOOS=linux GOARCH=%s go build -trimpath -ldflags '-s -w' -o weir-linux-%s .\nor choose --arch, or --probe js", goarch, goarch, goarch)
	f, err := elf.Open(binary)
	if err != nil {
		return usage(fmt.Errorf("--probe go: %s is no Linux program: %w", binary, err), hint)
	}
	defer f.Close()
	if f.Machine != machine {
		return usage(fmt.Errorf("--probe go: %s is for %v, the function is %s", binary, f.Machine, architecture), hint)
	}
	return nil
}

// zipOne is a zip of one file. The same content gives the same zip, so that
// Lambda's checksum tells whether it is there.
func zipOne(name string, mode os.FileMode, content []byte) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestCompression) })
	header := &zip.FileHeader{Name: name, Method: zip.Deflate}
	header.SetMode(mode)
	f, err := w.CreateHeader(header)
	if err == nil {
		_, err = f.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("zip %s: %w", name, err)
	}
	return b.Bytes(), nil
}
