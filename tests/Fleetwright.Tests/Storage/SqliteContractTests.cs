namespace Fleetwright.Tests.Storage;

public sealed class SqliteDeviceStoreTests() : DeviceStoreContract(new SqliteEngine());

public sealed class SqliteReadingStoreTests() : ReadingStoreContract(new SqliteEngine());

public sealed class SqlitePointStoreTests() : PointStoreContract(new SqliteEngine());

public sealed class SqliteKeyStoreTests() : KeyStoreContract(new SqliteEngine());

public sealed class SqliteAuditStoreTests() : AuditStoreContract(new SqliteEngine());
