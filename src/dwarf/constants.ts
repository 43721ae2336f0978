// DWARF's numbers under their own names. Original: DWARF5 chapter 7; vendor extensions of GNU and LLVM where compilers emit them.

export const DW_TAG = {
  array_type: 0x01, class_type: 0x02, entry_point: 0x03, enumeration_type: 0x04, formal_parameter: 0x05, imported_declaration: 0x08, label: 0x0a, lexical_block: 0x0b,
  member: 0x0d, pointer_type: 0x0f, reference_type: 0x10, compile_unit: 0x11, string_type: 0x12, structure_type: 0x13, subroutine_type: 0x15, typedef: 0x16, union_type: 0x17,
  unspecified_parameters: 0x18, variant: 0x19, common_block: 0x1a, inheritance: 0x1c, inlined_subroutine: 0x1d, module: 0x1e, ptr_to_member_type: 0x1f, set_type: 0x20,
  subrange_type: 0x21, access_declaration: 0x23, base_type: 0x24, catch_block: 0x25, const_type: 0x26, constant: 0x27, enumerator: 0x28, subprogram: 0x2e,
  template_type_parameter: 0x2f, template_value_parameter: 0x30, try_block: 0x32, variant_part: 0x33, variable: 0x34, volatile_type: 0x35, dwarf_procedure: 0x36,
  restrict_type: 0x37, interface_type: 0x38, namespace: 0x39, imported_module: 0x3a, unspecified_type: 0x3b, partial_unit: 0x3c, imported_unit: 0x3d, shared_type: 0x40,
  type_unit: 0x41, rvalue_reference_type: 0x42, template_alias: 0x43, atomic_type: 0x47, call_site: 0x48, call_site_parameter: 0x49, skeleton_unit: 0x4a, immutable_type: 0x4b,
  GNU_call_site: 0x4109, GNU_call_site_parameter: 0x410a,
} as const;

export const DW_AT = {
  discr: 0x15, discr_value: 0x16, sibling: 0x01, location: 0x02, name: 0x03, byte_size: 0x0b, bit_offset: 0x0c, bit_size: 0x0d, stmt_list: 0x10, low_pc: 0x11, high_pc: 0x12, language: 0x13,
  comp_dir: 0x1b, const_value: 0x1c, inline: 0x20, lower_bound: 0x22, producer: 0x25, prototyped: 0x27, upper_bound: 0x2f, abstract_origin: 0x31, accessibility: 0x32,
  artificial: 0x34, count: 0x37, data_member_location: 0x38, decl_column: 0x39, decl_file: 0x3a, decl_line: 0x3b, declaration: 0x3c, encoding: 0x3e, external: 0x3f,
  frame_base: 0x40, import: 0x18, specification: 0x47, type: 0x49, variable_parameter: 0x4b, virtuality: 0x4c, vtable_elem_location: 0x4d, allocated: 0x4e, associated: 0x4f, data_location: 0x50,
  byte_stride: 0x51, entry_pc: 0x52, use_UTF8: 0x53, extension: 0x54, ranges: 0x55, call_column: 0x57, call_file: 0x58, call_line: 0x59, containing_type: 0x1d,
  object_pointer: 0x64, endianity: 0x65, signature: 0x69, main_subprogram: 0x6a, data_bit_offset: 0x6b, enum_class: 0x6d, linkage_name: 0x6e, string_length: 0x19, str_offsets_base: 0x72,
  addr_base: 0x73, rnglists_base: 0x74, dwo_name: 0x76, call_all_calls: 0x7a, call_return_pc: 0x7d, call_value: 0x7e, call_origin: 0x7f, call_tail_call: 0x82, call_target: 0x83,
  call_pc: 0x81, noreturn: 0x87, alignment: 0x88, export_symbols: 0x89, deleted: 0x8a, loclists_base: 0x8c, MIPS_linkage_name: 0x2007, GNU_vector: 0x2107,
  GNU_call_site_value: 0x2111, GNU_tail_call: 0x2115, GNU_dwo_name: 0x2130, GNU_dwo_id: 0x2131, GNU_ranges_base: 0x2132, GNU_addr_base: 0x2133,
} as const;

export const DW_FORM = {
  addr: 0x01, block2: 0x03, block4: 0x04, data2: 0x05, data4: 0x06, data8: 0x07, string: 0x08, block: 0x09, block1: 0x0a, data1: 0x0b, flag: 0x0c, sdata: 0x0d, strp: 0x0e,
  udata: 0x0f, ref_addr: 0x10, ref1: 0x11, ref2: 0x12, ref4: 0x13, ref8: 0x14, ref_udata: 0x15, indirect: 0x16, sec_offset: 0x17, exprloc: 0x18, flag_present: 0x19,
  strx: 0x1a, addrx: 0x1b, ref_sup4: 0x1c, strp_sup: 0x1d, data16: 0x1e, line_strp: 0x1f, ref_sig8: 0x20, implicit_const: 0x21, loclistx: 0x22, rnglistx: 0x23,
  ref_sup8: 0x24, strx1: 0x25, strx2: 0x26, strx3: 0x27, strx4: 0x28, addrx1: 0x29, addrx2: 0x2a, addrx3: 0x2b, addrx4: 0x2c,
  GNU_addr_index: 0x1f01, GNU_str_index: 0x1f02, GNU_ref_alt: 0x1f20, GNU_strp_alt: 0x1f21,
} as const;

export const DW_ATE = { address: 1, boolean: 2, complex_float: 3, float: 4, signed: 5, signed_char: 6, unsigned: 7, unsigned_char: 8, imaginary_float: 9, UTF: 0x10, UCS: 0x11, ASCII: 0x12 } as const;

export const DW_UT = { compile: 1, type: 2, partial: 3, skeleton: 4, split_compile: 5, split_type: 6 } as const;

export const DW_OP = {
  addr: 0x03, deref: 0x06, const1u: 0x08, const1s: 0x09, const2u: 0x0a, const2s: 0x0b, const4u: 0x0c, const4s: 0x0d, const8u: 0x0e, const8s: 0x0f, constu: 0x10, consts: 0x11,
  dup: 0x12, drop: 0x13, over: 0x14, pick: 0x15, swap: 0x16, rot: 0x17, xderef: 0x18, abs: 0x19, and: 0x1a, div: 0x1b, minus: 0x1c, mod: 0x1d, mul: 0x1e, neg: 0x1f, not: 0x20,
  or: 0x21, plus: 0x22, plus_uconst: 0x23, shl: 0x24, shr: 0x25, shra: 0x26, xor: 0x27, bra: 0x28, eq: 0x29, ge: 0x2a, gt: 0x2b, le: 0x2c, lt: 0x2d, ne: 0x2e, skip: 0x2f,
  lit0: 0x30, lit31: 0x4f, reg0: 0x50, reg31: 0x6f, breg0: 0x70, breg31: 0x8f, regx: 0x90, fbreg: 0x91, bregx: 0x92, piece: 0x93, deref_size: 0x94, xderef_size: 0x95, nop: 0x96,
  push_object_address: 0x97, call2: 0x98, call4: 0x99, call_ref: 0x9a, form_tls_address: 0x9b, call_frame_cfa: 0x9c, bit_piece: 0x9d, implicit_value: 0x9e, stack_value: 0x9f,
  implicit_pointer: 0xa0, addrx: 0xa1, constx: 0xa2, entry_value: 0xa3, const_type: 0xa4, regval_type: 0xa5, deref_type: 0xa6, xderef_type: 0xa7, convert: 0xa8, reinterpret: 0xa9,
  GNU_push_tls_address: 0xe0, GNU_uninit: 0xf0, GNU_implicit_pointer: 0xf2, GNU_entry_value: 0xf3, GNU_const_type: 0xf4, GNU_regval_type: 0xf5, GNU_deref_type: 0xf6, GNU_convert: 0xf7,
  GNU_reinterpret: 0xf9, GNU_parameter_ref: 0xfa, GNU_addr_index: 0xfb, GNU_const_index: 0xfc, GNU_variable_value: 0xfd,
} as const;

export const DW_LNS = { copy: 1, advance_pc: 2, advance_line: 3, set_file: 4, set_column: 5, negate_stmt: 6, set_basic_block: 7, const_add_pc: 8, fixed_advance_pc: 9,
  set_prologue_end: 10, set_epilogue_begin: 11, set_isa: 12 } as const;
export const DW_LNE = { end_sequence: 1, set_address: 2, define_file: 3, set_discriminator: 4 } as const;
export const DW_LNCT = { path: 1, directory_index: 2, timestamp: 3, size: 4, MD5: 5, LLVM_source: 0x2001 } as const;

export const DW_LLE = { end_of_list: 0, base_addressx: 1, startx_endx: 2, startx_length: 3, offset_pair: 4, default_location: 5, base_address: 6, start_end: 7, start_length: 8, GNU_view_pair: 9 } as const;
export const DW_RLE = { end_of_list: 0, base_addressx: 1, startx_endx: 2, startx_length: 3, offset_pair: 4, base_address: 5, start_end: 6, start_length: 7 } as const;

export const DW_CFA = {
  advance_loc: 0x40, offset: 0x80, restore: 0xc0, nop: 0, set_loc: 1, advance_loc1: 2, advance_loc2: 3, advance_loc4: 4, offset_extended: 5, restore_extended: 6, undefined: 7,
  same_value: 8, register: 9, remember_state: 10, restore_state: 11, def_cfa: 12, def_cfa_register: 13, def_cfa_offset: 14, def_cfa_expression: 15, expression: 16,
  offset_extended_sf: 17, def_cfa_sf: 18, def_cfa_offset_sf: 19, val_offset: 20, val_offset_sf: 21, val_expression: 22, GNU_window_save: 0x2d, GNU_args_size: 0x2e, GNU_negative_offset_extended: 0x2f,
} as const;

export const DW_EH_PE = { absptr: 0, uleb128: 1, udata2: 2, udata4: 3, udata8: 4, sleb128: 9, sdata2: 10, sdata4: 11, sdata8: 12, pcrel: 0x10, textrel: 0x20, datarel: 0x30, funcrel: 0x40,
  aligned: 0x50, indirect: 0x80, omit: 0xff } as const;

/** Languages whose types are named by their tag alone. DWARF5 7.12. */
export const DW_LANG = { C89: 1, C: 2, Ada83: 3, C_plus_plus: 4, C99: 0x0c, Go: 0x16, C_plus_plus_03: 0x19, C_plus_plus_11: 0x1a, Rust: 0x1c, C11: 0x1d, C_plus_plus_14: 0x21, C17: 0x2c, C_plus_plus_17: 0x2b, C_plus_plus_20: 0x2e, Mips_Assembler: 0x8001 } as const;

/** The name of `value` in a table above, or its number in hex. */
export function nameIn(table: Readonly<Record<string, number>>, value: number): string {
  for (const name in table) if (table[name] === value) return name;
  return `0x${value.toString(16)}`;
}
