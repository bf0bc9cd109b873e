import CohortFormat
import CohortLog
import CohortModel
import CohortWire
import Glibc

/// The errors of files and texts.
///
/// The others stand in GalleryEntries.swift and GalleryOfSockets.swift.
let fileHeaderFaults = GalleryRoom(
  type: "FileHeaderFault", file: "Sources/CohortFormat/File/FileHeader.swift", manner: .sentences,
  entries: [
    GalleryEntry("empty", FileHeaderFault.empty(size: 4_096)),
    GalleryEntry("cutShort", FileHeaderFault.cutShort(size: 17)),
    GalleryEntry("notALog", FileHeaderFault.notALog),
    GalleryEntry("checksum", FileHeaderFault.checksum(stored: 1, computed: 0xE306_9283)),
    GalleryEntry("version", FileHeaderFault.version(2)),
    GalleryEntry("notZero", FileHeaderFault.notZero(at: 99)),
  ])

private let epoch = Epoch(Array(repeating: 7, count: 16).span, at: 0)

let frameFaults = GalleryRoom(
  type: "FrameFault", file: "Sources/CohortFormat/Frame/FrameFault.swift", manner: .fragment,
  entries: [
    GalleryEntry("cutShort", FrameFault.cutShort(at: 8_192, size: 500, available: 96)),
    GalleryEntry("notZero", FrameFault.notZero(at: 8_200)),
    GalleryEntry("notAFrame", FrameFault.notAFrame(at: 8_192)),
    GalleryEntry("headerChecksum", FrameFault.headerChecksum(at: 8_192, stored: 1, computed: 2)),
    GalleryEntry("frameChecksum", FrameFault.frameChecksum(at: 8_192, stored: 1, computed: 2)),
    GalleryEntry("misplaced", FrameFault.misplaced(at: 8_192, stored: 4_096)),
    GalleryEntry("kind", FrameFault.kind(at: 8_192, 7)),
    GalleryEntry("lengths", FrameFault.lengths(at: 8_192, public: 1, private: 17)),
    GalleryEntry("eventCount", FrameFault.eventCount(at: 8_192, 0)),
    GalleryEntry("firstPosition", FrameFault.firstPosition(at: 8_192, 0)),
    GalleryEntry("treeSize", FrameFault.treeSize(at: 8_192, stored: 40, computed: 41)),
    GalleryEntry("alignment", FrameFault.alignment(at: 8_200, to: 4_096)),
    GalleryEntry(
      "impossibleTime", FrameFault.impossibleTime(at: 8_192, Instant(microseconds: -1))),
    GalleryEntry("generation", FrameFault.generation(at: 8_192, .max)),
    GalleryEntry("gap", FrameFault.gap(at: 8_192, expected: 8_000)),
    GalleryEntry(
      "position", FrameFault.position(at: 8_192, Position(43), expected: Position(42))),
    GalleryEntry(
      "time",
      FrameFault.time(
        at: 8_192, Instant(microseconds: 1), after: Instant(microseconds: 2))),
    GalleryEntry("epoch", FrameFault.epoch(at: 8_192, epoch, after: epoch)),
    GalleryEntry("root", FrameFault.root(at: 8_192)),
    GalleryEntry("leaves", FrameFault.leaves(at: 8_192)),
  ])

let eventFaults = GalleryRoom(
  type: "EventFault", file: "Sources/CohortFormat/Codec/EventFault.swift", manner: .sentences,
  entries: [
    GalleryEntry("unknownKind", EventFault.unknownKind(200, at: Position(41))),
    GalleryEntry(
      "unknownVersion", EventFault.unknownVersion(2, of: .userCreated, at: Position(41))),
  ]
    + ([.cutShort, .notCanonical, .outOfRange, .tooDeep, .leftOver, .privateArea]
    as [EventFlaw]).map {
      GalleryEntry(
        "malformed (\($0))", EventFault.malformed($0, at: Position(41), offset: 8_192))
    } + [
      GalleryEntry(
        "malformed (users)",
        EventFault.malformed(.users(.cutShort(at: 9)), at: Position(41), offset: 8_192))
    ])

let diskErrors = GalleryRoom(
  type: "DiskError", file: nil, manner: .sentences,
  entries: [
    GalleryEntry("ENOSPC", diskError(.write, ENOSPC)),
    GalleryEntry("EDQUOT", diskError(.write, EDQUOT)),
    GalleryEntry("EFBIG", diskError(.write, EFBIG)),
    GalleryEntry("EACCES", diskError(.open, EACCES)),
    GalleryEntry("EPERM", diskError(.unlink, EPERM)),
    GalleryEntry("EROFS", diskError(.open, EROFS)),
    GalleryEntry("ENOENT", diskError(.open, ENOENT)),
    GalleryEntry("ENOTDIR", diskError(.list, ENOTDIR)),
    GalleryEntry("EEXIST", diskError(.makeDirectory, EEXIST)),
    GalleryEntry("EMFILE", diskError(.open, EMFILE)),
    GalleryEntry("ELOOP", diskError(.open, ELOOP)),
    GalleryEntry("EISDIR", diskError(.open, EISDIR)),
    GalleryEntry("ENXIO", diskError(.open, ENXIO)),
    GalleryEntry("EMLINK", diskError(.open, EMLINK)),
    GalleryEntry("ENOLCK", diskError(.lock, ENOLCK)),
  ]
    + DiskError.Call.allCases.map { GalleryEntry("EIO (\($0.rawValue))", diskError($0, EIO)) })

let caches = GalleryRoom(
  type: "Sets and snapshots", file: nil, manner: .sentences,
  entries: [
    GalleryEntry("PackedUsersFault.cutShort", PackedUsersFault.cutShort(at: 9)),
    GalleryEntry("PackedUsersFault.beyondLastNumber", PackedUsersFault.beyondLastNumber(at: 9)),
    GalleryEntry("PackedUsersFault.contradictsHeader", PackedUsersFault.contradictsHeader(at: 9)),
    GalleryEntry("PackedUsersFault.notCanonical", PackedUsersFault.notCanonical(at: 9)),
    GalleryEntry("LiveUsersFault.cutShort", LiveUsersFault.cutShort(at: 9)),
    GalleryEntry("LiveUsersFault.contradictsHeader", LiveUsersFault.contradictsHeader(at: 9)),
    GalleryEntry("SnapshotDamage", SnapshotDamage(at: 9, "it ends too early")),
  ])

let jsonErrors = GalleryRoom(
  type: "JSONError", file: "Sources/CohortWire/JSON/JSONError.swift", manner: .sentences,
  entries: JSONError.Reason.allCases.map { GalleryEntry("\($0)", JSONError($0, at: 17)) })

let csvErrors = GalleryRoom(
  type: "CSVError", file: "Sources/CohortWire/CSV/CSVError.swift", manner: .sentences,
  entries: ([
    ("quoteInsideField", .quoteInsideField), ("textAfterQuote", .textAfterQuote),
    ("openQuote", .openQuote), ("bareReturn", .bareReturn), ("invalidUTF8", .invalidUTF8),
    ("fieldTooLong", .fieldTooLong(limit: 1_024)), ("rowTooLong", .rowTooLong(limit: 65_536)),
    ("wrongFieldCount", .wrongFieldCount(3, header: 2)),
    ("duplicateColumn", .duplicateColumn(name: "external_id")), ("noHeader", .noHeader),
  ] as [(String, CSVError.Reason)]).map {
    GalleryEntry($0.0, CSVError($0.1, line: 3, column: 7))
  })

let otherWords = GalleryRoom(
  type: "Lines and selectors", file: nil, manner: .sentences,
  entries: [
    GalleryEntry("LineError.tooLong", LineError.tooLong(line: 3, limit: 1_048_576)),
    GalleryEntry("SelectorError.empty", SelectorError.empty),
    GalleryEntry("SelectorError.notANumber", SelectorError.notANumber("user:x")),
    GalleryEntry("SelectorError.badEscape", SelectorError.badEscape(#"alias:e\mail:a"#)),
    GalleryEntry("SelectorError.noAliasName", SelectorError.noAliasName("alias:email")),
    GalleryEntry("SelectorError.notACohort", SelectorError.notACohort("vip")),
  ])
