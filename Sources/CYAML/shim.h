#pragma once
// What Swift sees of libyaml: its parser, which turns a text into events. <yaml.h> is the manual.
//
//   yaml_parser_initialize        sets up a yaml_parser_t, which must not move afterwards
//   yaml_parser_set_encoding      keeps it from guessing UTF-16 out of the first bytes
//   yaml_parser_set_input_string  reads the text where it lies, until the parser is deleted
//   yaml_parser_parse             the next event, or 0 and what is wrong in the yaml_parser_t
//   yaml_event_delete             frees what an event holds
//   yaml_parser_delete            frees what the parser holds
#include <yaml.h>
