package inventory

import (
	"strings"

	"github.com/codeartifact-auditor/codeartifact-auditor/auditor/internal/jsonpos"
)

// canonical spells a document without its layout, so that the text AWS returned
// and the object that a tool decoded and printed anew compare as equal. Order and
// duplicate names stay. A text that is no JSON is itself.
func canonical(d *Document) string {
	var tree jsonpos.Tree
	if tree.Parse(d.Text) != nil {
		return d.Text
	}
	var out strings.Builder
	spellValue(&out, tree.Root())
	return out.String()
}

func spellValue(out *strings.Builder, v jsonpos.Value) {
	switch v.Kind() {
	case jsonpos.Object:
		out.WriteByte('{')
		for member := range v.Children() {
			out.WriteString(encoded(member.Name()))
			out.WriteByte(':')
			spellValue(out, member)
			out.WriteByte(',')
		}
		out.WriteByte('}')
	case jsonpos.Array:
		out.WriteByte('[')
		for element := range v.Children() {
			spellValue(out, element)
			out.WriteByte(',')
		}
		out.WriteByte(']')
	case jsonpos.String:
		out.WriteString(encoded(v.Text()))
	default:
		out.WriteString(v.Text())
	}
}
