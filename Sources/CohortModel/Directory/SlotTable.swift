/// Finds numbers by hash: open addressing, four bytes a slot, linear probing.
///
///     slot   [ tag: the low bits of the hash | number ]     0: empty     number 0: was removed
///             32 − numberBits                  numberBits
///
/// A slot knows neither text nor hash; whoever asks compares the texts of the numbers whose tag
/// fits. One false tag in 2^(32 − numberBits) probes costs a look at one record.
///
/// Invariants: the slot count is a power of two; at most 70 % are used, removed ones included, so
/// every probe ends at an empty slot; every number is below 2^numberBits.
struct SlotTable: Sendable {
  private(set) var slots = PagedArray<UInt32>(blank: 0)
  private(set) var used = 0
  private var removed = 0
  let numberBits: UInt32
  private let slotBits: UInt64

  /// A table for `count` numbers, the largest of which is below twice `largest`.
  init(for count: Int = 0, largest: Int = 0, minimumSlotBits: Int = 6) {
    var bits = minimumSlotBits
    while Self.capacity(of: 1 << bits) <= count { bits += 1 }
    slotBits = UInt64(bits)
    numberBits = UInt32(min(31, Int.bitWidth - max(largest * 2, 31).leadingZeroBitCount))
    slots.extend(to: 1 << bits)
  }

  private static func capacity(of slotCount: Int) -> Int { slotCount * 7 / 10 }

  /// Whether one more number, `number`, can be inserted.
  func hasRoom(for number: Int) -> Bool {
    used < Self.capacity(of: slots.count) && number >> Int(numberBits) == 0
  }

  @inline(__always) var numberMask: UInt32 { (1 &<< numberBits) &- 1 }
  @inline(__always) var slotMask: Int { (1 &<< Int(truncatingIfNeeded: slotBits)) &- 1 }

  @inline(__always) func home(of hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash &>> (64 &- slotBits))
  }

  @inline(__always) func tag(of hash: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: hash) &<< numberBits
  }

  /// The slot of the first number with this hash for which `matches` holds, from `start` on,
  /// or else the empty slot at which the search ended.
  @inline(__always)
  func find(
    _ hash: UInt64, from start: Int? = nil, where matches: (UInt32) -> Bool
  ) -> (slot: Int, number: UInt32) {
    let wanted = tag(of: hash)
    var index = start ?? home(of: hash)
    while true {
      let slot = slots[index]
      if slot == 0 { return (index, 0) }
      let number = slot & numberMask
      if slot & ~numberMask == wanted, number != 0, matches(number) { return (index, number) }
      index = (index &+ 1) & slotMask
    }
  }

  /// Writes `number` into an empty slot that `find` returned.
  @inline(__always) mutating func insert(_ number: UInt32, _ hash: UInt64, at slot: Int) {
    used &+= 1
    replace(with: number, hash, at: slot)
  }

  /// Writes `number` into the slot of another number with the same hash.
  @inline(__always) mutating func replace(with number: UInt32, _ hash: UInt64, at slot: Int) {
    slots[slot] = tag(of: hash) | number
  }

  /// Removes the number in `slot`, which stays used, so that probes pass it.
  mutating func remove(at slot: Int) {
    slots[slot] = ~numberMask
    removed += 1
  }

  /// How many numbers are in the table.
  var live: Int { used - removed }

  /// Lets `body` insert numbers into a table that nobody shares, without a check for each.
  mutating func fill(_ body: (inout Filling) -> Void) {
    let (numberBits, slotBits) = (numberBits, slotBits)
    var inserted = 0
    slots.withWritablePages { pages in
      var filling = Filling(pages: pages, numberBits: numberBits, slotBits: slotBits)
      body(&filling)
      inserted = filling.inserted
    }
    used += inserted
  }
}

extension SlotTable {
  /// A table that is being filled.
  struct Filling {
    fileprivate let pages: WritablePageTable<UInt32>
    fileprivate let numberBits: UInt32
    fileprivate let slotBits: UInt64
    fileprivate var inserted = 0

    fileprivate init(
      pages: WritablePageTable<UInt32>, numberBits: UInt32, slotBits: UInt64
    ) {
      self.pages = pages
      self.numberBits = numberBits
      self.slotBits = slotBits
    }

    /// What stands in the home slot of `hash`, which is then near.
    @inline(__always) func home(of hash: UInt64) -> UInt32 {
      pages[Int(truncatingIfNeeded: hash &>> (64 &- slotBits))]
    }

    /// Inserts `number`, or puts it in the place of the number for which `matches` holds.
    ///
    /// `home` is what stood in the home slot a moment ago: taken slots stay taken.
    ///
    /// - Returns: that number, or 0.
    @inline(__always)
    mutating func callAsFunction(
      _ number: UInt32, _ hash: UInt64, home: UInt32, where matches: (UInt32) -> Bool
    ) -> UInt32 {
      let slotMask = (1 &<< Int(truncatingIfNeeded: slotBits)) &- 1
      let numberMask: UInt32 = (1 &<< numberBits) &- 1
      let wanted = UInt32(truncatingIfNeeded: hash) &<< numberBits
      var index = Int(truncatingIfNeeded: hash &>> (64 &- slotBits))
      if home == 0, pages[index] == 0 {
        pages[index] = wanted | number
        inserted &+= 1
        return 0
      }
      var slot = pages[index]
      while slot != 0 {
        let other = slot & numberMask
        if slot & ~numberMask == wanted, other != 0, matches(other) {
          pages[index] = wanted | number
          return other
        }
        index = (index &+ 1) & slotMask
        slot = pages[index]
      }
      pages[index] = wanted | number
      inserted &+= 1
      return 0
    }
  }
}
