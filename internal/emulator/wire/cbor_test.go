package wire

import (
	"encoding/hex"
	"encoding/json"
	"testing"
)

func TestCBORToJSON(t *testing.T) {
	tests := []struct{ name, cbor, want string }{
		{"nothing", "", ``},
		{"a definite map", "a16653747265616d6173", `{"Stream":"s"}`},                    // {"Stream": "s"}
		{"indefinite lengths", "bf614c9f0102ffff", `{"L":[1,2]}`},                       // {_ "L": [_ 1, 2]}
		{"a byte string", "a1644461746143010203", `{"Data":"AQID"}`},                    // base64 of 1 2 3
		{"milliseconds", "a16154c11b0000018bcfe5687b", `{"T":1700000000.123}`},          // 1(1700000000123)
		{"seconds with decimals", "a16154c1fb41d954fc4007df3b", `{"T":1700000000.123}`}, // 1(1700000000.123)
		{"null and a boolean", "a2614ef66142f5", `{"B":true,"N":null}`},                 // keys in order
		{"a number as a key", "a10102", "error"},                                        // {1: 2}
		{"half a map", "a16154", "error"},
	}
	for _, test := range tests {
		body, err := hex.DecodeString(test.cbor)
		if err != nil {
			t.Fatal(err)
		}
		text, err := CBORToJSON(body)
		got := string(text)
		if err != nil {
			if AsError(err).Code != "SerializationException" {
				t.Errorf("%s: %v", test.name, err)
			}
			got = "error"
		}
		if got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

var someShape = CBORShape{
	Blob: func(member string) bool { return member == "Data" },
	Time: func(member string) bool { return member == "At" },
}

func TestJSONToCBOR(t *testing.T) {
	tests := []struct{ text, want string }{
		{``, ""},
		{`{"Stream":"s"}`, "a16653747265616d6173"},
		{`{"Data":"AQID"}`, "a1644461746143010203"},
		{`{"At":1700000000.123}`, "a1624174c11b0000018bcfe5687b"},
		{`{"At":1700000000}`, "a1624174c11b0000018bcfe56800"},
		{`{"L":[1,2.5,null]}`, "a1614c8301fb4004000000000000f6"},
	}
	for _, test := range tests {
		body, err := someShape.JSONToCBOR([]byte(test.text))
		if got := hex.EncodeToString(body); got != test.want || err != nil {
			t.Errorf("%s: got %s, %v, want %s", test.text, got, err, test.want)
		}
	}
}

func FuzzCBORToJSON(f *testing.F) {
	for _, seed := range []string{"a16653747265616d6173", "bf614c9f0102ffff", "a16154c11b0000018bcfe5687b", "a10102", "c1f97e00"} {
		body, err := hex.DecodeString(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		text, err := CBORToJSON(body)
		if err == nil && len(body) > 0 && !json.Valid(text) {
			t.Errorf("%x gives %q, which is no JSON", body, text)
		}
	})
}
