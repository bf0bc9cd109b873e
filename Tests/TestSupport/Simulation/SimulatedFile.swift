/// One file as two people see it: a reader now, and whoever finds the disk after a power loss.
///
///     visible  =  what `pread` returns
///     durable  =  what is on the disk for certain
///     pending  =  writes and cuts since the last sync, oldest first, cut into sectors by a crash
///     sizes    =  lengths since the last sync, oldest first; they travel apart from the data
package struct SimulatedFile: Sendable {
  package static let sectorSize = 512

  package private(set) var visible = DiskImage()
  package private(set) var durable = DiskImage()
  private var pending: [Change] = []
  private var sizes: [Int] = []
  /// A write-back failed, and the next sync says so.
  private var owesError = false

  fileprivate enum Change {
    case write([UInt8], at: Int)
    /// What a cut leaves behind, should the file grow again.
    case zeros(Range<Int>)

    var range: Range<Int> {
      switch self {
      case .write(let bytes, let offset): offset..<offset + bytes.count
      case .zeros(let range): range
      }
    }
  }

  package init(durable bytes: [UInt8] = []) {
    durable = DiskImage(bytes)
    visible = durable
  }

  package var isPending: Bool { !pending.isEmpty || !sizes.isEmpty }

  package mutating func write(_ bytes: Span<UInt8>, at offset: Int, _ fate: WriteFate) {
    guard bytes.count > 0 else { return }
    let copy = unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
    if offset + copy.count > visible.size { sizes.append(offset + copy.count) }
    switch fate {
    case .arrives:
      pending.append(.write(copy, at: offset))
      visible.write(copy.span, at: offset)
    case .lost:
      visible.write(copy.span, at: offset)
    case .misdirected(let distance):
      pending.append(.write(copy, at: max(0, offset + distance)))
      visible.write(copy.span, at: offset)
    case .flipped(let bit):
      var image = DiskImage(copy)
      image.flip(bit: bit % (copy.count * 8))
      pending.append(.write(image.bytes, at: offset))
      visible.write(image.bytes.span, at: offset)
    }
  }

  package mutating func truncate(to size: Int) {
    guard size != visible.size else { return }
    if size < visible.size { pending.append(.zeros(size..<visible.size)) }
    visible.resize(to: size)
    sizes.append(size)
  }

  /// Returns whether everything is durable now; otherwise nobody knows.
  package mutating func sync() -> Bool {
    for change in pending { change.apply(to: &durable, within: change.range) }
    durable.resize(to: sizes.last ?? durable.size)
    forget()
    defer { owesError = false }
    return !owesError
  }

  /// Fails as Linux does: a part arrives, the rest is called clean though it is not on the disk.
  ///
  /// The reader goes on seeing it, until ``evict()``. With `late` the *next* sync reports it.
  package mutating func failSync(late: Bool, _ random: inout SeededRandom) {
    settle(isPowersafe: true, &random)
    owesError = late
  }

  /// Drops the clean pages: from now on the reader sees what the disk really has.
  package mutating func evict() {
    let size = sizes.last ?? durable.size
    visible = durable
    for change in pending { change.apply(to: &visible, within: change.range) }
    visible.resize(to: size)
  }

  /// Loses the power: what was on its way arrives in part, and that is the file from now on.
  package mutating func crash(isPowersafe: Bool, _ random: inout SeededRandom) {
    settle(isPowersafe: isPowersafe, &random)
    visible = durable
    owesError = false
  }

  /// Lets one bit rot, on the disk and in memory.
  package mutating func rot(bit: Int) {
    visible.flip(bit: bit)
    durable.flip(bit: bit)
  }

  private mutating func forget() {
    pending.removeAll()
    sizes.removeAll()
  }
}

/// What becomes of a write that was reported as done.
package enum WriteFate: Hashable, Sendable {
  case arrives
  /// Seen until the page leaves memory, and never on the disk.
  case lost
  /// Seen where it belongs until the page leaves memory, and on the disk elsewhere.
  case misdirected(by: Int)
  /// One bit of it turned over.
  case flipped(bit: Int)
}

extension SimulatedFile {
  /// Decides for every sector of every pending change whether it arrives.
  ///
  /// A sector that was durable is then old or one of its later contents; one that was not may also
  /// be zero or garbage. Without powersafe overwrite, a write may turn any sector in its 4 KiB
  /// into garbage. The size is the old one or any later one, whatever became of the data.
  private mutating func settle(isPowersafe: Bool, _ random: inout SeededRandom) {
    guard isPending else { return }
    let before = durable
    let size = drawSize(&random)

    var contents: [Int: Int] = [:]
    for change in pending { for sector in change.sectors { contents[sector, default: 0] += 1 } }
    let sectors = contents.keys.sorted()
    let arrival = Arrival(of: sectors.count, &random)
    let garbageChance = [0, 64, 128, 256][random.below(4)]
    var garbage: [Int] = []
    for (index, sector) in sectors.enumerated() {
      let count = contents[sector] ?? 0
      let arrives = arrival.includes(index, &random)
      contents[sector] = !arrives ? 0 : random.once(in: 2) ? count : 1 + random.below(count)
      let wasDurable = sector * Self.sectorSize < before.size
      if !arrives, !wasDurable, random.below(256) < garbageChance { garbage.append(sector) }
    }
    if !isPowersafe {
      for sector in neighbours(of: sectors) where sector * Self.sectorSize < before.size {
        if random.once(in: 8) { garbage.append(sector) }
      }
    }

    for change in pending {
      for sector in change.sectors {
        guard let left = contents[sector], left > 0 else { continue }
        contents[sector] = left - 1
        change.apply(to: &durable, within: change.range.clamped(to: range(of: sector)))
      }
    }
    for sector in garbage {
      durable.write(drawGarbage(from: before, &random).span, at: sector * Self.sectorSize)
    }
    durable.resize(to: size)
    forget()
  }

  /// One of the sizes since the last sync, or a length on the way from one to the next.
  private func drawSize(_ random: inout SeededRandom) -> Int {
    guard let last = sizes.last else { return durable.size }
    let all = [durable.size] + sizes
    switch random.below(4) {
    case 0: return durable.size
    case 1: return last
    case 2: return all[random.below(all.count)]
    default:
      let step = random.below(sizes.count)
      let (from, to) = (all[step], all[step + 1])
      guard to > from else { return to }
      let between = (from + random.below(to - from)) / Self.sectorSize * Self.sectorSize
      return max(from, between)
    }
  }

  /// What a sector never written to may hold: noise, or something that stood there long ago.
  private func drawGarbage(from image: DiskImage, _ random: inout SeededRandom) -> [UInt8] {
    let sectorCount = image.size / Self.sectorSize
    switch random.below(4) {
    case 0 where sectorCount > 0:
      return image.read(
        at: random.below(sectorCount) * Self.sectorSize, count: Self.sectorSize)
    case 1: return [UInt8](repeating: 0xff, count: Self.sectorSize)
    default: return random.bytes(Self.sectorSize)
    }
  }

  private func range(of sector: Int) -> Range<Int> {
    sector * Self.sectorSize..<(sector + 1) * Self.sectorSize
  }

  /// The sectors in the same 4 KiB, each once, ascending.
  private func neighbours(of sectors: [Int]) -> [Int] {
    Set(sectors.map { $0 / 8 }).sorted().flatMap { $0 * 8..<$0 * 8 + 8 }
  }
}

extension SimulatedFile.Change {
  fileprivate var sectors: Range<Int> {
    let size = SimulatedFile.sectorSize
    return range.lowerBound / size..<(range.upperBound + size - 1) / size
  }

  fileprivate func apply(to image: inout DiskImage, within part: Range<Int>) {
    switch self {
    case .write(let bytes, let offset):
      let slice = bytes.span.extracting(part.lowerBound - offset..<part.upperBound - offset)
      image.write(slice, at: part.lowerBound)
    case .zeros: image.zero(part)
    }
  }
}
