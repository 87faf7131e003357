package io.kpod.bpf.generate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The types that a compiled BPF object describes in its section .BTF (Documentation/bpf/btf.rst). Only what C structs
 * need.
 */
final class Btf {
    private static final int KIND_INT = 1;
    private static final int KIND_ARRAY = 3;
    private static final int KIND_STRUCT = 4;
    private static final int KIND_UNION = 5;
    private static final int KIND_ENUM = 6;
    private static final int KIND_TYPEDEF = 8;
    private static final int KIND_VOLATILE = 9;
    private static final int KIND_CONST = 10;
    private static final int KIND_RESTRICT = 11;
    private static final int KIND_FUNC_PROTO = 13;
    private static final int KIND_VAR = 14;
    private static final int KIND_DATASEC = 15;
    private static final int KIND_DECL_TAG = 17;
    private static final int KIND_ENUM64 = 19;

    /** A type as far as layouts care. */
    sealed interface Type {}

    /** An integer or an enum. */
    record Scalar(int size) implements Type {}

    record Array(int element, int length) implements Type {}

    record Struct(String name, int size, List<Member> members) implements Type {}

    record Alias(int target) implements Type {}

    record Enumeration(String name, int size, List<Constant> constants) implements Type {}

    record Other() implements Type {}

    record Member(String name, int type, int offset) {}

    record Constant(String name, int value) {}

    private final List<Type> types = new ArrayList<>();
    private final ByteBuffer strings;

    private Btf(ByteBuffer section) {
        int headerSize = section.getInt(4);
        ByteBuffer type = slice(section, headerSize + section.getInt(8), section.getInt(12));
        strings = slice(section, headerSize + section.getInt(16), section.getInt(20));
        types.add(new Other());
        while (type.hasRemaining()) {
            types.add(read(type));
        }
    }

    static Btf ofObject(Path object) throws IOException {
        return new Btf(section(ByteBuffer.wrap(Files.readAllBytes(object)).order(ByteOrder.LITTLE_ENDIAN), object));
    }

    List<Type> types() {
        return List.copyOf(types);
    }

    /** The type behind typedefs and qualifiers. */
    Type resolve(int number) {
        Type type = types.get(number);
        return type instanceof Alias(int target) ? resolve(target) : type;
    }

    private Type read(ByteBuffer in) {
        String name = string(in.getInt());
        int info = in.getInt();
        int sizeOrType = in.getInt();
        int count = info & 0xffff;
        int kind = (info >>> 24) & 0x1f;
        return switch (kind) {
            case KIND_INT -> {
                in.getInt();
                yield new Scalar(sizeOrType);
            }
            case KIND_ARRAY -> {
                int element = in.getInt();
                in.getInt();
                yield new Array(element, in.getInt());
            }
            case KIND_STRUCT, KIND_UNION -> {
                List<Member> members = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    members.add(new Member(string(in.getInt()), in.getInt(), (in.getInt() & 0xffffff) / 8));
                }
                yield new Struct(name, sizeOrType, members);
            }
            case KIND_ENUM -> {
                List<Constant> constants = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    constants.add(new Constant(string(in.getInt()), in.getInt()));
                }
                yield new Enumeration(name, sizeOrType, constants);
            }
            case KIND_TYPEDEF, KIND_VOLATILE, KIND_CONST, KIND_RESTRICT -> new Alias(sizeOrType);
            case KIND_FUNC_PROTO -> skip(in, count * 8);
            case KIND_VAR, KIND_DECL_TAG -> skip(in, 4);
            case KIND_DATASEC, KIND_ENUM64 -> skip(in, count * 12);
            default -> new Other();
        };
    }

    private static Type skip(ByteBuffer in, int bytes) {
        in.position(in.position() + bytes);
        return new Other();
    }

    private String string(int offset) {
        int end = offset;
        while (strings.get(end) != 0) {
            end++;
        }
        byte[] bytes = new byte[end - offset];
        strings.get(offset, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static ByteBuffer section(ByteBuffer elf, Path object) {
        int headers = Math.toIntExact(elf.getLong(0x28));
        int headerSize = elf.getShort(0x3a);
        int count = elf.getShort(0x3c);
        int nameTable = Math.toIntExact(elf.getLong(headers + elf.getShort(0x3e) * headerSize + 0x18));
        for (int header = headers; header < headers + count * headerSize; header += headerSize) {
            int name = nameTable + elf.getInt(header);
            if (elf.getInt(name) == 0x4654422e && elf.get(name + 4) == 0) { // ".BTF"
                return slice(
                        elf, Math.toIntExact(elf.getLong(header + 0x18)), Math.toIntExact(elf.getLong(header + 0x20)));
            }
        }
        throw new IllegalArgumentException(object + " has no section .BTF: compile it with -g");
    }

    private static ByteBuffer slice(ByteBuffer buffer, int offset, int length) {
        return buffer.slice(offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
