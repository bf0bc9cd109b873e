/// An array of plain values whose copies share every page that neither has written since.
///
///     owners   [ chunk of 128 ][ chunk of 128 ] …        counts the owners of each page
///                 │ │ │
///     addresses[  p │ │  p  p  p  p  p  p … ]            the same, flat, for reading
///                 ▼ ▼ ▼
///     pages    [8 KiB][8 KiB][blank][8 KiB] …            blank: one page, shared, never written
///
/// A copy costs three references. The first write after a copy copies one page of 8 KiB, one chunk
/// and the flat table (8 bytes a page); reference counts are touched for one chunk only.
///
/// The array is endless: an element that was never set is `blankValue`, also beyond `count`, and
/// pages without any set element take no memory but their entry in the table.
///
/// Invariants:
/// - `addresses[p] == owners[p / 128][p % 128].address` for every page, and nothing else is ever
///   read.
/// - A page is written only while its owner count is one. The blank page always has two owners.
/// - Elements from `count` to the end of the last page are `blankValue`.
///
/// `@unchecked Sendable` holds because the pointers are to pages kept alive by `owners`, and
/// pages reachable from two arrays are immutable.
package struct PagedArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  /// One more than the highest index that was set or appended.
  package private(set) var count = 0

  private var owners: [[Page<Element>]] = []
  private var addresses: [PageAddress<Element>] = []
  private let blank: Page<Element>
  private let blankValue: Element

  package init(blank value: Element) {
    blankValue = value
    blank = Page(repeating: value, count: Self.pageCapacity)
  }

  /// The element at `index`, or the blank value if it was never set.
  ///
  /// - Complexity: O(1); a write after a copy also copies a page.
  package subscript(index: Int) -> Element {
    @inline(__always) get {
      let page = index &>> Self.shift
      guard page < addresses.count else { return blankValue }
      return unsafe addresses[page].base[index & Self.mask]
    }
    @inline(__always) set {
      unsafe writableBase(ofPage: index &>> Self.shift)[index & Self.mask] = newValue
      if index >= count { count = index + 1 }
    }
  }

  @inline(__always) package mutating func append(_ element: Element) { self[count] = element }

  /// Appends `length` blank elements that lie on one page, and lets `fill` write them.
  ///
  /// If they do not fit on the last page they start a new one.
  ///
  /// - Returns: the index of the first.
  /// - Precondition: `length` is at most `pageCapacity`.
  package mutating func appendRun(
    of length: Int, _ fill: (inout MutableSpan<Element>) -> Void
  ) -> Int {
    precondition(length <= Self.pageCapacity, "A run must fit on one page.")
    let room = Self.pageCapacity - count & Self.mask
    let start = length > room ? count + room : count
    guard length > 0 else { return start }
    writeRun(at: start, count: length, fill)
    count = start + length
    return start
  }

  /// Lets `body` change the elements from `start`, which must lie on one page.
  package mutating func writeRun(
    at start: Int, count length: Int, _ body: (inout MutableSpan<Element>) -> Void
  ) {
    precondition(start & Self.mask + length <= Self.pageCapacity, "A run lies on one page.")
    let base = unsafe writableBase(ofPage: start &>> Self.shift) + (start & Self.mask)
    var elements = unsafe UnsafeMutableBufferPointer(start: base, count: length).mutableSpan
    body(&elements)
  }

  /// Lets `body` read the elements from `start`, which must have been set and lie on one page.
  @inline(__always) package func readRun<Result>(
    at start: Int, count length: Int, _ body: (Span<Element>) -> Result
  ) -> Result {
    precondition(start & Self.mask + length <= Self.pageCapacity, "A run lies on one page.")
    let base = unsafe addresses[start &>> Self.shift].base + (start & Self.mask)
    return body(unsafe UnsafeBufferPointer(start: base, count: length).span)
  }

  /// Lets `body` read elements at random without touching a reference count.
  ///
  /// - Precondition: `body` reads only indices on pages that exist, that is below `count`.
  @inline(__always) func withPages<Result>(_ body: (PageTable<Element>) -> Result) -> Result {
    unsafe addresses.withUnsafeBufferPointer { unsafe body(PageTable($0)) }
  }

  /// Makes every page this array's own, then lets `body` write at random without further checks.
  mutating func withWritablePages(_ body: (WritablePageTable<Element>) -> Void) {
    for page in 0..<pageCount { _ = unsafe writableBase(ofPage: page) }
    withPages { body(WritablePageTable($0)) }
  }

  /// Makes every element from `newCount` on blank, and gives their pages back.
  package mutating func truncate(to newCount: Int) {
    guard newCount < count else { return }
    let pages = (newCount + Self.mask) &>> Self.shift
    addresses.removeLast(addresses.count - pages)
    let chunks = (pages + Self.chunkCapacity - 1) / Self.chunkCapacity
    owners.removeLast(owners.count - chunks)
    if let last = owners.indices.last {
      owners[last].removeLast(owners[last].count - (pages - last * Self.chunkCapacity))
    }
    count = newCount
    let used = newCount & Self.mask
    guard used > 0, !isBlank(page: pages - 1) else { return }
    let value = blankValue
    writeRun(at: newCount, count: Self.pageCapacity - used) { elements in
      for index in elements.indices { elements[index] = value }
    }
  }

  /// Makes `count` at least `newCount` without taking memory for the new elements.
  package mutating func extend(to newCount: Int) {
    guard newCount > count else { return }
    addPages(to: (newCount + Self.mask) &>> Self.shift)
    count = newCount
  }
}

extension PagedArray {
  /// Pages of 8 KiB: small enough that a random write after a copy is cheap, large enough that the
  /// flat table of 10 million 16-byte records is 160 KB.
  static var pageBytes: Int { 8192 }

  /// log2 of the elements on a page.
  @inline(__always) static var shift: Int {
    Int.bitWidth - 1 - (pageBytes / MemoryLayout<Element>.stride).leadingZeroBitCount
  }

  @inline(__always) package static var pageCapacity: Int { 1 &<< shift }
  @inline(__always) static var mask: Int { pageCapacity &- 1 }
  @inline(__always) static var chunkCapacity: Int { 128 }

  var pageCount: Int { addresses.count }

  func isBlank(page: Int) -> Bool { addresses[page] == blank.address }

  /// The bytes that this array holds, pages that it shares with copies included.
  package var allocatedBytes: Int {
    let own = (0..<pageCount).count { !isBlank(page: $0) } + 1
    return own * (Self.pageCapacity * MemoryLayout<Element>.stride + 64)
      + addresses.capacity * 8 + owners.reduce(0) { $0 + $1.capacity * 8 + 32 }
  }

  /// The address of `page`, which this array alone owns afterwards.
  @inline(__always)
  private mutating func writableBase(ofPage page: Int) -> UnsafeMutablePointer<Element> {
    if page >= addresses.count { addPages(to: page + 1) }
    let (chunk, slot) = (page / Self.chunkCapacity, page % Self.chunkCapacity)
    if !isKnownUniquelyReferenced(&owners[chunk][slot]) { copyPage(page) }
    return unsafe addresses[page].base
  }

  @inline(never) private mutating func copyPage(_ page: Int) {
    let copy = unsafe Page(copying: addresses[page].base, count: Self.pageCapacity)
    owners[page / Self.chunkCapacity][page % Self.chunkCapacity] = copy
    addresses[page] = copy.address
  }

  @inline(never) private mutating func addPages(to pages: Int) {
    while addresses.count < pages {
      if addresses.count % Self.chunkCapacity == 0 {
        owners.append([])
        owners[owners.count - 1].reserveCapacity(Self.chunkCapacity)
      }
      owners[owners.count - 1].append(blank)
      addresses.append(blank.address)
    }
  }
}

extension PagedArray: Equatable where Element: Equatable {
  package static func == (a: Self, b: Self) -> Bool {
    guard a.count == b.count else { return false }
    return (0..<a.count).allSatisfy { a[$0] == b[$0] }
  }
}
