"""What makes the tables of the site readable."""

from __future__ import annotations

from tools.website.tables import breakable, readable

TABLE = """<table>
<thead>
<tr>
<th>Argument</th>
<th>What it is</th>
<th><code>Default</code></th>
</tr>
</thead>
<tbody>
<tr>
<td><code>max_size</code></td>
<td align="right">The size.</td>
<td>1.5 ms</td>
</tr>
</tbody>
</table>"""


def test_cells_have_the_headings_of_their_columns() -> None:
    [first, what, default] = [
        each for each in readable(TABLE).splitlines() if each.startswith("<td")
    ]

    assert first == "<td><code>max_<wbr>size</code></td>"
    assert what == '<td align="right">The size.</td>'
    assert default == '<td data-label="Default">1.5&nbsp;ms</td>'


def test_text_outside_of_tables_stays() -> None:
    text = "<p><code>max_size</code></p>"

    assert readable(text) == text


def test_names_break_between_their_parts() -> None:
    assert breakable("ivs:GetStreamKey") == "ivs:<wbr>Get<wbr>Stream<wbr>Key"
    assert breakable("grant(a, b_) &lt;id&gt;") == "grant(<wbr>a, b_) &lt;id&gt;"
