package lambda

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

type zipFile struct {
	name, content string
	mode          fs.FileMode
}

func zipOf(t testing.TB, files ...zipFile) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, file := range files {
		header := &zip.FileHeader{Name: file.name, Method: zip.Deflate}
		header.SetMode(file.mode)
		f, err := w.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(file.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestUnzip(t *testing.T) {
	dir := t.TempDir()
	err := unzip(zipOf(t, zipFile{"bootstrap", "#!", 0o755}, zipFile{"lib/", "", fs.ModeDir | 0o755}, zipFile{"lib/a/b.txt", "b", 0o600}), dir, 100)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"bootstrap": "#! -rwxr-xr-x", "lib/a/b.txt": "b -rw-------"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%s %v", content, info.Mode()); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestUnzipRefuses(t *testing.T) {
	noZip := "Could not unzip uploaded file"
	for name, test := range map[string]struct {
		zipped []byte
		want   string
	}{
		"no zip":   {[]byte("zip"), noZip},
		"parent":   {zipOf(t, zipFile{"../a", "", 0o644}), noZip},
		"absolute": {zipOf(t, zipFile{"/a", "", 0o644}), noZip},
		"link":     {zipOf(t, zipFile{"a", "/etc/passwd", fs.ModeSymlink | 0o777}), noZip},
		"twice":    {zipOf(t, zipFile{"a", "", 0o644}, zipFile{"a", "", 0o644}), noZip},
		"in file":  {zipOf(t, zipFile{"a", "", 0o644}, zipFile{"a/b", "", 0o644}), noZip},
		"size":     {zipOf(t, zipFile{"a", strings.Repeat("a", 60), 0o644}, zipFile{"b", strings.Repeat("a", 60), 0o644}), "Unzipped size must be smaller than 100 bytes"},
	} {
		if err := unzip(test.zipped, t.TempDir(), 100); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// FuzzUnzip: whatever the package is, nothing appears beside its directory and
// no more in it than the limit.
func FuzzUnzip(f *testing.F) {
	f.Add(zipOf(f, zipFile{"bootstrap", "#!", 0o755}, zipFile{"lib/a", "a", 0o600}))
	f.Add(zipOf(f, zipFile{"../a", "a", 0o644}))
	f.Add(zipOf(f, zipFile{"a", "..", fs.ModeSymlink | 0o777}, zipFile{"a/b", "", 0o644}))
	f.Fuzz(func(t *testing.T, zipped []byte) {
		parent := t.TempDir()
		dir := filepath.Join(parent, "code")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		err := unzip(zipped, dir, 1000)
		var total int64
		walked := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := entry.Info()
			if err == nil {
				total += info.Size()
			}
			return err
		})
		beside, read := os.ReadDir(parent)
		if walked != nil || read != nil || len(beside) != 1 || total > 1000 {
			t.Errorf("%v: %d bytes, %d entries, %v, %v", err, total, len(beside), walked, read)
		}
	})
}

func TestCreateFunctionRunsTheBootstrap(t *testing.T) {
	play := command(t, "count")
	s := newStream(1)
	s.put(0, 25)
	o := newObserved()
	server := New(Config{Source: s, Series: o.series, Log: o.log, CodeDir: t.TempDir()})
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	c := client(t, server)
	input := &sdk.CreateFunctionInput{
		FunctionName: new("f"), Role: new("arn:aws:iam::123456789012:role/r"), Runtime: types.RuntimeProvidedal2023, Handler: new("bootstrap"),
		Timeout: new(int32(5)), MemorySize: new(int32(256)), Environment: &types.Environment{Variables: play.Env},
		Code: &types.FunctionCode{ZipFile: zipOf(t, zipFile{"bootstrap", "#!/bin/sh\nexec '" + play.Command[0] + "'\n", 0o755})},
	}
	created, err := c.CreateFunction(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	if *created.FunctionArn != "arn:aws:lambda:us-east-1:123456789012:function:f" || *created.Timeout != 5 || *created.MemorySize != 256 ||
		created.State != types.StateActive || created.CodeSize != int64(len(input.Code.ZipFile)) {
		t.Errorf("%+v", created)
	}
	if _, err := c.CreateFunction(t.Context(), input); err == nil || !strings.Contains(err.Error(), "Function already exist: f") {
		t.Errorf("a second one: %v", err)
	} else if _, ok := errors.AsType[*types.ResourceConflictException](err); !ok {
		t.Errorf("a second one: %v", err)
	}
	if left, err := os.ReadDir(server.cfg.CodeDir); err != nil || len(left) != 1 {
		t.Errorf("%d directories are left, %v", len(left), err)
	}
	if _, err := server.CreateMapping(orders(10)); err != nil {
		t.Fatal(err)
	}
	await(t, "three invocations", func() bool { return o.sum("Invocations") == 3 && o.sum("Errors") == 0 })
}

func TestCreateFunctionRefusals(t *testing.T) {
	server := New(Config{CodeDir: t.TempDir()})
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	c := client(t, server)
	for want, change := range map[string]func(*sdk.CreateFunctionInput){
		"Value 'a b' at 'functionName'":     func(i *sdk.CreateFunctionInput) { i.FunctionName = new("a b") },
		"runs provided.al2023":              func(i *sdk.CreateFunctionInput) { i.Runtime = types.RuntimePython312 },
		"Handler must not be null":          func(i *sdk.CreateFunctionInput) { i.Handler = nil },
		"source for function code":          func(i *sdk.CreateFunctionInput) { i.Code = &types.FunctionCode{S3Bucket: new("b")} },
		"Could not unzip uploaded file":     func(i *sdk.CreateFunctionInput) { i.Code.ZipFile = []byte("zip") },
		"memory 64 MB outside 128 to 10240": func(i *sdk.CreateFunctionInput) { i.MemorySize = new(int32(64)) },
		"timeout -1s outside":               func(i *sdk.CreateFunctionInput) { i.Timeout = new(int32(-1)) },
	} {
		input := &sdk.CreateFunctionInput{
			FunctionName: new("f"), Role: new("r"), Runtime: types.RuntimeProvidedal2, Handler: new("bootstrap"),
			Code: &types.FunctionCode{ZipFile: zipOf(t, zipFile{"bootstrap", "", 0o755})},
		}
		change(input)
		_, err := c.CreateFunction(t.Context(), input)
		if _, ok := errors.AsType[*types.InvalidParameterValueException](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if left, err := os.ReadDir(server.cfg.CodeDir); err != nil || len(left) != 0 {
		t.Errorf("%d directories are left, %v", len(left), err)
	}
}
