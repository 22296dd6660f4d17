/* Text files as strings: GKT_EMBED(gkt_vector_kernels, "core/vector.cu") at file scope defines const char gkt_vector_kernels[], NUL-terminated. */
#ifndef GKT_CORE_EMBED_H
#define GKT_CORE_EMBED_H
#define GKT_EMBED(symbol, path)                                                                                                                                     \
  __asm__(".pushsection .rodata\n.hidden " #symbol "\n.global " #symbol "\n.type " #symbol ", @object\n" #symbol ":\n.incbin \"" path "\"\n.byte 0\n.size " #symbol \
          ", . - " #symbol "\n.popsection\n");                                                                                                                      \
  extern const char symbol[]
#endif
