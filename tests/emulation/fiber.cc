// Switching between the threads of a block. The assembly saves what the System V ABI asks a callee to keep.
#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>

#include "tests/emulation/machine.h"

#if defined(EMULATION_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

#if !defined(EMULATION_UCONTEXT)
extern "C" void emulation_switch(void** save_stack_pointer, void* stack_pointer);
asm(R"(
.text
.globl emulation_switch
.type emulation_switch,@function
emulation_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulation_switch,.-emulation_switch
)");
#endif

namespace emulation {
namespace {

constexpr size_t kGuardBytes = 4096;

char* take_stack() {
  if (!running->free_stacks.empty()) {
    char* stack = running->free_stacks.back();
    running->free_stacks.pop_back();
    return stack;
  }
  void* memory = mmap(nullptr, kStackBytes + kGuardBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    std::perror("emulation: no memory for a thread's stack");
    std::abort();
  }
  mprotect(memory, kGuardBytes, PROT_NONE);
  return static_cast<char*>(memory) + kGuardBytes;
}

void first_entry() {
#if defined(EMULATION_ASAN)
  const void* bottom;
  size_t bytes;
  __sanitizer_finish_switch_fiber(nullptr, &bottom, &bytes);
  if (!running->caller_stack) {
    running->caller_stack = bottom;
    running->caller_stack_bytes = bytes;
  }
#endif
  fiber_main();
}

void switch_stacks(Fiber& from, Fiber& to, [[maybe_unused]] bool from_ends) {
  ++statistics().switches;
#if defined(EMULATION_ASAN)
  const bool to_scheduler = &to == &running->scheduler;
  __sanitizer_start_switch_fiber(from_ends ? nullptr : &from.sanitizer_stack,
                                 to_scheduler ? running->caller_stack : to.stack,
                                 to_scheduler ? running->caller_stack_bytes : kStackBytes);
#endif
#if defined(EMULATION_UCONTEXT)
  swapcontext(&from.context, &to.context);
#else
  emulation_switch(&from.stack_pointer, to.stack_pointer);
#endif
#if defined(EMULATION_ASAN)
  const void* bottom;
  size_t bytes;
  __sanitizer_finish_switch_fiber(from.sanitizer_stack, &bottom, &bytes);
#endif
}

}  // namespace

void start_fiber(Fiber& fiber) {
  fiber.stack = take_stack();
  fiber.state = ThreadState::ready;
#if defined(EMULATION_ASAN)
  fiber.sanitizer_stack = nullptr;
  __asan_unpoison_memory_region(fiber.stack, kStackBytes);
#endif
#if defined(EMULATION_UCONTEXT)
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack;
  fiber.context.uc_stack.ss_size = kStackBytes;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, first_entry, 0);
#else
  auto** top = reinterpret_cast<void**>(fiber.stack + kStackBytes);
  *--top = nullptr;
  *--top = reinterpret_cast<void*>(first_entry);  // "return address": rsp % 16 == 8 at entry, as the ABI wants
  for (int i = 0; i < 6; ++i) *--top = nullptr;
  fiber.stack_pointer = top;
#endif
}

void resume(Fiber& from, Fiber& to, bool from_ends) {
  if (&to != &running->scheduler) {
    if (to.state == ThreadState::fresh) start_fiber(to);
    running->current = &to;
    threadIdx = to.index;
  }
  if (&from == &to) return;
  switch_stacks(from, to, from_ends);
  if (&from != &running->scheduler) {
    threadIdx = from.index;
    running->current = &from;
  }
}

}  // namespace emulation
