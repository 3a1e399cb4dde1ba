package lambda

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"weir/internal/quota"
)

// errUnzip is Lambda's answer to a deployment package that it can't unpack.
var errUnzip = invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")

// unzip unpacks a deployment package into dir and nowhere else: links and names
// that lead out of it are refused, and so are more than limit bytes, of those
// that come out and not of what the zip says of them.
func unzip(zipped []byte, dir string, limit int64) error {
	if len(zipped) > quota.CodeZipBytes {
		return invalid("Zipped size must be smaller than %d bytes", quota.CodeZipBytes)
	}
	archive, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		return errUnzip
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open code directory: %w", err)
	}
	defer func() { _ = root.Close() }()
	left := limit
	for _, file := range archive.File {
		if !filepath.IsLocal(filepath.FromSlash(file.Name)) {
			return errUnzip
		}
		if file.Mode().IsDir() {
			if err := root.MkdirAll(path.Clean(file.Name), 0o755); err != nil {
				return unzipError(file, err)
			}
			continue
		}
		n, err := unzipFile(root, file, left)
		if err != nil {
			return err
		}
		if left -= n; left <= 0 {
			return invalid("Unzipped size must be smaller than %d bytes", limit)
		}
	}
	return nil
}

// unzipFile unpacks one regular file, up to limit bytes of it.
func unzipFile(root *os.Root, file *zip.File, limit int64) (n int64, err error) {
	if !file.Mode().IsRegular() {
		return 0, errUnzip
	}
	from, err := file.Open()
	if err != nil {
		return 0, errUnzip
	}
	defer func() { _ = from.Close() }()
	if err := root.MkdirAll(path.Dir(file.Name), 0o755); err != nil {
		return 0, unzipError(file, err)
	}
	to, err := root.OpenFile(file.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, file.Mode().Perm()|0o400)
	if err != nil {
		return 0, unzipError(file, err)
	}
	n, err = io.Copy(to, &io.LimitedReader{R: from, N: limit})
	if closed := to.Close(); err == nil {
		err = closed
	}
	return n, unzipError(file, err)
}

// unzipError tells a package that is no good from a disk that fails us.
func unzipError(file *zip.File, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("unpack %s: %w", file.Name, err)
	}
	return errUnzip
}
