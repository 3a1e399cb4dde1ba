package local

import "net/http"

// protocols are HTTP/1.1 and HTTP/2, which AWS's Java clients begin with where
// they speak to Kinesis, without TLS as with it.
func protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	return p
}
