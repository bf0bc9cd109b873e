/// One page of elements at a fixed address, freed with its last owner.
///
/// `@unchecked Sendable` holds because a page is written only by a `PagedArray` that has just
/// seen that it is the sole owner; a page with two owners never changes again.
@safe final class Page<Element: BitwiseCopyable>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>

  /// A page of `count` elements, all `value`.
  init(repeating value: Element, count: Int) {
    unsafe base = .allocate(capacity: count)
    unsafe base.initialize(repeating: value, count: count)
  }

  /// A page with the same `count` elements as `other`.
  init(copying other: UnsafeMutablePointer<Element>, count: Int) {
    unsafe base = .allocate(capacity: count)
    unsafe base.initialize(from: other, count: count)
  }

  deinit { unsafe base.deallocate() }

  var address: PageAddress<Element> { unsafe PageAddress(base: base) }
}

/// Where the elements of a page lie; whoever follows it must know that an owner lives.
@safe struct PageAddress<Element: BitwiseCopyable>: Equatable {
  let base: UnsafeMutablePointer<Element>

  static func == (a: Self, b: Self) -> Bool { unsafe a.base == b.base }
}

/// The pages of a `PagedArray` for the length of one closure: reads without reference counting.
///
/// Reads are checked to fall on a page, so a wrong number stops the process and never
/// reads foreign memory. Must not outlive the closure that received it.
@safe struct PageTable<Element: BitwiseCopyable & Sendable> {
  private let pages: UnsafeBufferPointer<PageAddress<Element>>

  private let count: Int

  init(_ pages: UnsafeBufferPointer<PageAddress<Element>>) {
    unsafe self.pages = unsafe pages
    count = pages.count
  }

  subscript(index: Int) -> Element {
    @inline(__always) get { unsafe address(of: index).pointee }
  }

  @inline(__always) func address(of index: Int) -> UnsafeMutablePointer<Element> {
    let page = index &>> PagedArray<Element>.shift
    precondition(page >= 0 && page < count, "The index lies beyond the last page.")
    return unsafe pages[page].base + (index & PagedArray<Element>.mask)
  }

  /// Where the element lies, for whoever asks for it before it is read.
  @inline(__always) func place(of index: Int) -> UInt {
    UInt(bitPattern: unsafe address(of: index))
  }

  /// Lets `body` read `length` elements that lie on one page.
  @inline(__always) func readRun<Result>(
    at start: Int, count length: Int, _ body: (Span<Element>) -> Result
  ) -> Result {
    precondition(
      start & PagedArray<Element>.mask &+ length <= PagedArray<Element>.pageCapacity,
      "A run lies on one page.")
    let run = unsafe UnsafeBufferPointer(start: address(of: start), count: length)
    return body(unsafe run.span)
  }
}

/// The pages of a `PagedArray` that owns them all, for the length of one closure of writing.
@safe struct WritablePageTable<Element: BitwiseCopyable & Sendable> {
  private let pages: PageTable<Element>

  init(_ pages: PageTable<Element>) { self.pages = pages }

  subscript(index: Int) -> Element {
    @inline(__always) get { pages[index] }
    @inline(__always) nonmutating set { unsafe pages.address(of: index).pointee = newValue }
  }
}
