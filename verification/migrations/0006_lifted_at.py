from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("verification", "0005_passkey"),
    ]

    operations = [
        migrations.AddField(
            model_name="optionchange",
            name="lifted_at",
            field=models.DateTimeField(null=True),
        ),
    ]
