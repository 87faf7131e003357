package io.kpod.bpf.generate;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.JavaFile;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;

/**
 * Writes a class in {@value #PACKAGE} for each struct and enum {@code kpod_*} of the compiled objects: sizes, offsets,
 * array lengths, and accessors over a {@link MemorySegment}. Kernel and Java can't disagree.
 */
final class Layouts {
    private static final String PACKAGE = "io.kpod.bpf.layout";
    private static final String PREFIX = "kpod_";

    private final Btf btf;
    private final String source;

    private Layouts(Btf btf, String source) {
        this.btf = btf;
        this.source = source;
    }

    /** @param arguments the folder to write to, then that of the objects; both variants of one have the same structs */
    public static void main(String[] arguments) throws IOException {
        Path target = Path.of(arguments[0]);
        Set<String> written = new HashSet<>();
        List<Path> objects;
        try (Stream<Path> files = Files.list(Path.of(arguments[1]))) {
            objects = files.filter(file -> file.toString().endsWith(".bpf.o")
                            && !file.toString().endsWith("-hashed.bpf.o"))
                    .sorted()
                    .toList();
        }
        for (Path object : objects) {
            Layouts layouts =
                    new Layouts(Btf.ofObject(object), object.getFileName().toString());
            for (Btf.Type type : layouts.btf.types()) {
                switch (type) {
                    case Btf.Struct struct
                    when struct.name().startsWith(PREFIX) && written.add(struct.name()) ->
                        layouts.write(layouts.layout(struct), target);
                    case Btf.Enumeration constants
                    when constants.name().startsWith(PREFIX) && written.add(constants.name()) ->
                        layouts.write(layouts.constants(constants), target);
                    default -> {}
                }
            }
        }
    }

    private void write(TypeSpec type, Path target) throws IOException {
        JavaFile.builder(PACKAGE, type)
                .indent("    ")
                .skipJavaLangImports(true)
                .build()
                .writeTo(target);
    }

    private TypeSpec layout(Btf.Struct struct) {
        TypeSpec.Builder type = type(struct.name())
                .addJavadoc("{@code struct $L} of $L.\n", struct.name(), source)
                .addField(constant("SIZE", struct.size()));
        struct.members().forEach(member -> add(type, member, member.name(), member.offset()));
        type.addField(fields(struct));
        return type.build();
    }

    /** Where each member begins, by its name in C: what the catalogue of metrics names. */
    private static FieldSpec fields(Btf.Struct struct) {
        CodeBlock entries = struct.members().stream()
                .map(member -> CodeBlock.of("$T.entry($S, $L)", Map.class, member.name(), member.offset()))
                .collect(CodeBlock.joining(", "));
        return FieldSpec.builder(
                        ParameterizedTypeName.get(Map.class, String.class, Integer.class),
                        "FIELDS",
                        Modifier.PUBLIC,
                        Modifier.STATIC,
                        Modifier.FINAL)
                .initializer("$T.ofEntries($L)", Map.class, entries)
                .build();
    }

    private void add(TypeSpec.Builder type, Btf.Member member, String name, int offset) {
        type.addField(constant(upper(name) + "_OFFSET", offset));
        switch (btf.resolve(member.type())) {
            case Btf.Scalar(int size) -> addAccessors(type, name, size);
            case Btf.Enumeration constants -> addAccessors(type, name, constants.size());
            case Btf.Array(int element, int length) -> {
                type.addField(constant(upper(name) + "_LENGTH", length));
                if (btf.resolve(element) instanceof Btf.Scalar(int size)) {
                    addElementAccessor(type, name, size);
                }
            }
            case Btf.Struct nested ->
                nested.members().forEach(inner -> add(type, inner, name + "_" + inner.name(), offset + inner.offset()));
            case Btf.Alias alias -> throw new IllegalStateException("unresolved " + alias);
            case Btf.Other other ->
                throw new IllegalStateException(name + " of " + source + " is no plain data: " + other);
        }
    }

    private static void addAccessors(TypeSpec.Builder type, String name, int size) {
        type.addMethod(accessor(camel(name), size)
                .addStatement(
                        "return segment.get($T.$L, offset + $L)",
                        ValueLayout.class,
                        layout(size),
                        upper(name) + "_OFFSET")
                .build());
        type.addMethod(MethodSpec.methodBuilder(camel(name))
                .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
                .addParameter(MemorySegment.class, "segment")
                .addParameter(long.class, "offset")
                .addParameter(java(size), "value")
                .addStatement(
                        "segment.set($T.$L, offset + $L, value)",
                        ValueLayout.class,
                        layout(size),
                        upper(name) + "_OFFSET")
                .build());
    }

    private static void addElementAccessor(TypeSpec.Builder type, String name, int size) {
        type.addMethod(accessor(camel(name), size)
                .addParameter(int.class, "index")
                .addStatement(
                        "return segment.get($T.$L, offset + $L + index * $LL)",
                        ValueLayout.class,
                        layout(size),
                        upper(name) + "_OFFSET",
                        size)
                .build());
    }

    private static MethodSpec.Builder accessor(String name, int size) {
        return MethodSpec.methodBuilder(name)
                .addModifiers(Modifier.PUBLIC, Modifier.STATIC)
                .returns(java(size))
                .addParameter(MemorySegment.class, "segment")
                .addParameter(long.class, "offset");
    }

    private TypeSpec constants(Btf.Enumeration enumeration) {
        TypeSpec.Builder type =
                type(enumeration.name()).addJavadoc("{@code enum $L} of $L.\n", enumeration.name(), source);
        String prefix = upper(PREFIX);
        enumeration
                .constants()
                .forEach(each -> type.addField(constant(
                        each.name().startsWith(prefix) ? each.name().substring(prefix.length()) : each.name(),
                        each.value())));
        return type.build();
    }

    private static TypeSpec.Builder type(String cName) {
        ClassName name = ClassName.get(PACKAGE, pascal(cName));
        return TypeSpec.classBuilder(name)
                .addModifiers(Modifier.PUBLIC, Modifier.FINAL)
                .addMethod(MethodSpec.constructorBuilder()
                        .addModifiers(Modifier.PRIVATE)
                        .build());
    }

    private static FieldSpec constant(String name, int value) {
        return FieldSpec.builder(int.class, name, Modifier.PUBLIC, Modifier.STATIC, Modifier.FINAL)
                .initializer("$L", value)
                .build();
    }

    private static TypeName java(int size) {
        return switch (size) {
            case 1 -> TypeName.BYTE;
            case 2 -> TypeName.SHORT;
            case 4 -> TypeName.INT;
            case 8 -> TypeName.LONG;
            default -> throw new IllegalArgumentException("no Java type of " + size + " bytes");
        };
    }

    private static String layout(int size) {
        return "JAVA_" + upper(java(size).toString());
    }

    private static String upper(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    private static String pascal(String name) {
        return List.of(name.split("_")).stream()
                .map(part -> part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1))
                .collect(Collectors.joining());
    }

    private static String camel(String name) {
        String pascal = pascal(name.endsWith("_ns") ? name.substring(0, name.length() - 2) + "nanos" : name);
        return pascal.substring(0, 1).toLowerCase(Locale.ROOT) + pascal.substring(1);
    }
}
