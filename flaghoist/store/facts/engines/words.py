"""The few words of the questions that are no SQL, and what they mean in DuckDB's.

A place in time is the moment (milliseconds), then the position, then the variation (0 if none), in one value that is
compared as a whole, so that no two are equal by chance.
"""

IN_DUCKDB = {
    "whole_of(a_number)": "CAST(a_number AS HUGEINT)",  # rounded, of up to 127 bits
    "place_of(a_moment, a_position, a_variation)": """
        (a_moment::HUGEINT << 80) + (a_position::HUGEINT << 16) + coalesce(a_variation, 0)""",
    "moment_of(a_place)": "(a_place >> 80)::BIGINT",
    "position_of(a_place)": "((a_place >> 16) & 18446744073709551615)::BIGINT",
    "variation_of(a_place)": "(a_place & 65535)::SMALLINT",
    # What a JSON text says at a pointer (RFC 6901): as JSON, or as the text that people read; null if it does not say.
    "json_at(a_text, a_pointer)": "(CASE WHEN json_valid(a_text) THEN json_extract(a_text, a_pointer)::VARCHAR END)",
    "text_at(a_text, a_pointer)": "(CASE WHEN json_valid(a_text) THEN json_extract_string(a_text, a_pointer) END)",
}
