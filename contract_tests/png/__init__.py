"""PNG files (ISO/IEC 15948): structure and pixels."""
