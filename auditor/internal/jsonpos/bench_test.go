package jsonpos

import (
	"strings"
	"testing"
)

const benchmarked = `{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],` +
	`"Resource":["arn:aws:s3:::example-application-data","arn:aws:s3:::example-application-data/*"],` +
	`"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}]}`

func BenchmarkTree(b *testing.B) {
	var tree Tree
	b.SetBytes(int64(len(benchmarked)))
	b.ReportAllocs()
	for b.Loop() {
		if err := tree.Parse(benchmarked); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecoder(b *testing.B) {
	text := strings.Repeat(benchmarked+"\n", 1000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if err := drain(NewDecoder(strings.NewReader(text), 1<<20)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecoderValues(b *testing.B) {
	text := strings.Repeat(benchmarked+"\n", 1000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		d := NewDecoder(strings.NewReader(text), 1<<20)
		for range 1000 {
			if _, _, err := d.Value(); err != nil {
				b.Fatal(err)
			}
		}
	}
}
