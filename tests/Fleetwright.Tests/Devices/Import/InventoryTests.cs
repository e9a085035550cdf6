using Fleetwright.Platform.Connections;
using Fleetwright.Platform.Devices;
using Fleetwright.Platform.Devices.Import;
using Fleetwright.Platform.Operations;
using FsCheck;
using FsCheck.Fluent;

namespace Fleetwright.Tests.Devices.Import;

public sealed class InventoryTests
{
    [Fact]
    public void Read_Inventory_AppliesDefaultsUnderWhatADeviceSays()
    {
        var devices = Devices(
            """
            version: 1
            defaults: { user: fleet, key: /keys/home, tags: [home] }
            devices:
              - name: nas
                ssh: root@nas.lan:2222
                type: Unraid
                tags: [storage]
              - name: "web 1"
                ssh: web1
                port: 2200
                key: /keys/web
                paused: true
              - name: here
                local: true
            """);

        Assert.Equal(
            [
                new DeviceAddress { Host = "nas.lan", User = "root", Port = 2222, KeyFile = "/keys/home" },
                new DeviceAddress { Host = "web1", User = "fleet", Port = 2200, KeyFile = "/keys/web" },
                DeviceAddress.Local,
            ],
            devices.Select(device => device.Address));
        Assert.Equal((DeviceType?[])[DeviceType.Unraid, null, null], devices.Select(device => device.Type));
        Assert.Equal(["home", "storage"], devices[0].Tags);
        Assert.True(devices[1].Paused);
    }

    [Theory]
    [InlineData("devices:\n  - name: a\n   ssh: b\n", "line 3")] // indentation
    [InlineData("devices:\n\t- name: a\n", "line 2")] // a tab
    [InlineData("devices: [\n", "line 2")]
    [InlineData("", "nothing in it")]
    [InlineData("version: 2\ndevices: []\n", "line 1, column 10: version must be 1")]
    [InlineData("version: 1\n", "no 'devices' list")]
    [InlineData("devices: 7\n", "line 1, column 10: devices must be a list")]
    [InlineData("device:\n  - name: a\n", "line 1, column 1: 'device' is not known here")]
    [InlineData("devices: []\ndevices: []\n", "line 2")]
    [InlineData("devices: []\n---\ndevices: []\n", "more than one document")]
    [InlineData("devices: &x\n  - *x\n", "anchors")]
    [InlineData("- a\n", "must be a mapping")]
    public void Read_NotAnInventory_IsRefusedWithItsPlaceAndWhatToDo(string yaml, string told)
    {
        var refusal = Assert.Throws<OperationException>(() => InventoryReader.Read(yaml));

        Assert.Contains(told, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("docs/inventory.md", refusal.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("- name: a\n", "line 2, column 3: it has neither 'ssh")]
    [InlineData("- ssh: b\n", "it has no name")]
    [InlineData("- { name: a, ssh: 'b:99999' }\n", "'99999' is not a port")]
    [InlineData("- { name: a, ssh: -oProxyCommand=x }\n", "is not a host name")]
    [InlineData("- { name: a, ssh: b, type: windows }\n", "type is one of linux, unraid")]
    [InlineData("- { name: a, ssh: b, type: '3' }\n", "type is one of")]
    [InlineData("- { name: a, ssh: b, paused: maybe }\n", "paused is true or false")]
    [InlineData("- { name: a, local: true, user: root }\n", "a local device has no 'user'")]
    [InlineData("- { name: a, shh: b }\n", "'shh' is not known here; known are name, ssh")]
    [InlineData("- { name: [a], ssh: b }\n", "name must have a value")]
    [InlineData("- just text\n", "a device must be a mapping")]
    public void Read_MistakeInOneDevice_RefusesThatOneAlone(string entry, string told)
    {
        var list = InventoryReader.Read($"devices:\n{entry}- {{ name: good, ssh: good }}\n");

        Assert.Equal([ImportOutcome.Refused, ImportOutcome.Added], list.Entries.Select(one => one.Outcome));
        Assert.Contains(told, list.Entries[0].Why, StringComparison.Ordinal);
        Assert.StartsWith("line 2", list.Entries[0].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NestedWithoutEnd_IsRefusedAndEndsNothing()
    {
        Assert.Throws<OperationException>(() => InventoryReader.Read(new string('[', 200_000)));
        Assert.Throws<OperationException>(() => InventoryReader.Read(new string(' ', InventoryReader.MaxCharacters + 1)));
    }

    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        Prop.ForAll(Generators.Devices, devices =>
        {
            var read = Devices(InventoryWriter.Write(devices));
            Assert.Equal(devices.Select(Shape), read.Select(device => Shape(new Device
            {
                Id = "",
                Name = device.Name,
                Address = device.Address,
                DeclaredType = device.Type,
                Tags = device.Tags,
                Paused = device.Paused,
                AddedAt = default,
            })));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Write_ADevice_ReadsAsAPersonWouldWriteIt()
    {
        var device = new Device
        {
            Id = "nas",
            Name = "nas",
            Address = new DeviceAddress { Host = "nas.lan", User = "root", Port = 2222, KeyFile = "/keys/nas" },
            DeclaredType = DeviceType.Unraid,
            Tags = ["home", "no"],
            AddedAt = default,
            Paused = true,
        };

        Assert.Equal(
            """
            version: 1
            devices:
            - name: nas
              ssh: "root@nas.lan:2222"
              key: /keys/nas
              type: unraid
              tags: [home, "no"]
              paused: true

            """,
            InventoryWriter.Write([device]),
            ignoreLineEndingDifferences: true);
    }

    private static List<NewDevice> Devices(string yaml)
    {
        var list = InventoryReader.Read(yaml);
        Assert.All(list.Entries, entry => Assert.Null(entry.Why));
        return [.. list.Entries.Select(entry => entry.Device!)];
    }

    private static string Shape(Device device) =>
        $"{device.Name}|{device.Address}|{device.Address.KeyFile}|{device.DeclaredType}|{string.Join(',', device.Tags)}|{device.Paused}";

    private static class Generators
    {
        private static readonly Gen<string> Name = Gen.OneOf(
            Gen.Elements("nas", "true", "123", "null", "- a", "a: b", "# no", "'q'", "\"dq\"", "{x}", "ÄÖ 日本", "*", "&a", "!t", "%", "@x", "`", "a  b", "\\n", "😀", "~", "? x", "1e3", "0x1F", "2020-01-01"),
            ArbMap.Default.GeneratorFor<NonEmptyString>()
                .Select(text => new string([.. text.Get.Where(c => !char.IsControl(c) && !char.IsSurrogate(c) && c != '\uFEFF' && c < '\uFFFE')]).Trim())
                .Where(text => text.Length is > 0 and < 64));

        private static readonly Gen<DeviceAddress> Address = Gen.OneOf(
            Gen.Constant(DeviceAddress.Local),
            from host in Gen.Elements("nas", "nas.tail.ts.net", "10.0.0.1", "fe80::1%eth0", "::1", "0")
            from user in Gen.Elements(null, "root", "a.b", "DOM\\user", "123")
            from port in Gen.Elements<int?>(null, 22, 65535)
            from key in Gen.Elements(null, "/root/.ssh/id", "/a b/#c: d", "/ü/'x'")
            select new DeviceAddress { Host = host, User = user, Port = port, KeyFile = key });

        public static readonly Arbitrary<Device[]> Devices = Arb.From(
            (from name in Name
             from address in Address
             from type in Gen.Elements<DeviceType?>(null, DeviceType.Unraid, DeviceType.Linux)
             from tags in Gen.Elements<string[]>([], ["home"], ["no", "1", "a/b:c", "on"])
             from paused in Gen.Elements(true, false)
             select new Device { Id = "", Name = name, Address = address, DeclaredType = type, Tags = tags, Paused = paused, AddedAt = default }).ArrayOf());
    }
}
