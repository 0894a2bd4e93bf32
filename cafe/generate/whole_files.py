"""Files that arrive in the drop folder and are no CSV at all: a few bytes that look like what they claim to be."""

# The first bytes tell a reader what the file is; the rest is invented and holds nothing.
SPREADSHEET = b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00[Content_Types].xml" + bytes(range(128, 256))
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
