using k8s;
using k8s.Models;
using Xunit;

namespace VectorDb.Architecture.Tests.Deployment;

/// <summary>
/// The manifest as the Kubernetes API would read it: parsed strictly into the types of its own client, so that a field which does
/// not exist is an error, and then checked for what the parts must agree on.
/// </summary>
public sealed class KubernetesTests
{
    readonly List<object> _objects = KubernetesYaml.LoadAllFromString(
        File.ReadAllText(Repository.FullPath("deploy/kubernetes.yaml")), typeMap: null, strict: true);

    IEnumerable<(string Name, V1LabelSelector Selector, V1PodTemplateSpec Template)> Workloads =>
        Of<V1StatefulSet>().Select(set => (set.Name(), set.Spec.Selector, set.Spec.Template))
            .Concat(Of<V1Deployment>().Select(deployment => (deployment.Name(), deployment.Spec.Selector, deployment.Spec.Template)));

    [Fact]
    public void Everything_IsThereOnce()
    {
        var named = _objects.Cast<IMetadata<V1ObjectMeta>>().Select(item => $"{item.GetType().Name} {item.Name()}").ToList();
        Assert.Equal(named.Distinct(), named);
        Assert.Equal(["vectordb-rabbitmq", "vectordb-shard", "vectordb-ingest", "vectordb-query"], Workloads.Select(item => item.Name));
    }

    [Fact]
    public void Selectors_FindTheirPods()
    {
        Assert.All(Workloads, item => AssertMatches(item.Selector.MatchLabels, item.Template));
        var selectors = Of<V1Service>().Select(service => service.Spec.Selector)
            .Concat(Of<V1PodDisruptionBudget>().Select(budget => budget.Spec.Selector.MatchLabels));
        Assert.All(selectors, selector => Assert.Single(Workloads, item => Matches(selector, item.Template)));
    }

    [Fact]
    public void Ports_OfServicesAndProbes_AreNamedByTheContainer()
    {
        foreach (var service in Of<V1Service>())
        {
            var container = Workloads.Single(item => Matches(service.Spec.Selector, item.Template)).Template.Spec.Containers[0];
            Assert.All(service.Spec.Ports, port => Assert.Contains(container.Ports, named => named.Name == port.TargetPort.Value));
        }
        foreach (var container in Workloads.SelectMany(item => item.Template.Spec.Containers))
        {
            V1Probe[] probes = [container.LivenessProbe, container.ReadinessProbe];
            Assert.All(probes, probe => Assert.True(
                probe.Exec is not null || container.Ports.Any(port => port.Name == probe.HttpGet.Port.Value), container.Name));
        }
    }

    [Fact]
    public void Roles_AreProbedAtTheirHealthPages()
    {
        foreach (var role in Workloads.Where(item => item.Name != "vectordb-rabbitmq"))
        {
            var container = role.Template.Spec.Containers[0];
            Assert.Equal("/healthz", container.LivenessProbe.HttpGet.Path);
            Assert.Equal("/readyz", container.ReadinessProbe.HttpGet.Path);
            var address = container.Env.Single(variable => variable.Name == "ASPNETCORE_URLS").Value;
            Assert.Equal($"http://*:{container.Ports[0].ContainerPort}", address);
        }
    }

    [Fact]
    public void Shards_AreAsManyAsTheSettingSays_EachWithItsOwnNumberAndVolume()
    {
        var settings = Of<V1ConfigMap>().Single(map => map.Name() == "vectordb").Data;
        var shards = Of<V1StatefulSet>().Single(set => set.Name() == "vectordb-shard");
        Assert.Equal(settings["VectorDb__Shards"], $"{shards.Spec.Replicas}");
        var container = shards.Spec.Template.Spec.Containers[0];
        var owned = container.Env.Single(variable => variable.Name == "VectorDb__OwnedShards");
        Assert.Equal("metadata.labels['apps.kubernetes.io/pod-index']", owned.ValueFrom.FieldRef.FieldPath);
        Assert.Contains(container.VolumeMounts, mount => mount.Name == shards.Spec.VolumeClaimTemplates[0].Name());
        Assert.Equal(shards.Spec.ServiceName, Of<V1Service>().Single(service => service.Spec.ClusterIP == "None").Name());
    }

    [Fact]
    public void Containers_HaveResources_AndSettingsThatExist()
    {
        var containers = Workloads.SelectMany(item => item.Template.Spec.Containers).ToList();
        Assert.All(containers, container => Assert.Contains("memory", container.Resources.Limits));
        var settings = Of<V1ConfigMap>().SelectMany(map => map.Data.Keys)
            .Concat(containers.SelectMany(container => container.Env ?? []).Select(variable => variable.Name));
        Assert.All(settings, Settings.AssertKnown);
    }

    IEnumerable<T> Of<T>() => _objects.OfType<T>();

    static bool Matches(IDictionary<string, string> selector, V1PodTemplateSpec template) =>
        selector.All(label => template.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    static void AssertMatches(IDictionary<string, string> selector, V1PodTemplateSpec template) =>
        Assert.True(Matches(selector, template), $"{string.Join(", ", selector)}: not in {string.Join(", ", template.Metadata.Labels)}");
}
